"""The microscope's page: one vector, and what every operator makes of it."""
