"""How long a run would take on a network, by what its record says it sent: one file for each way of connecting the nodes."""
