"""The zoo: plain networks, one readable file per family, every activation, norm and pool a child module."""
