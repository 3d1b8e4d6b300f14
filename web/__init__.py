"""The workbench: pages where agents work, leads steer and operators look."""
