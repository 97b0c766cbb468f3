"""What agents and supervisors do by dialling codes. See README.md."""
