"""How cases flow through their process: counts, Petri nets, diagrams."""
