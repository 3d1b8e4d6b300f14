"""Repair (维修): a repairer takes the job, finds the fault, mends it or gives it back."""
