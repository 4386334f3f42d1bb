"""Files: shipped ones, scenario folders, seed files, recorded traffic. Reads and checks them; decides nothing."""
