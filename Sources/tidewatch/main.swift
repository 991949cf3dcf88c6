print("tidewatch")
