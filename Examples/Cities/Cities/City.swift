import GRDB

/// The representation of a city, with the name of its country in the client's language.
struct City: Encodable, Sendable {
    var id: Int64
    var name: String
    var countryCode: String
    var countryName: String
    var admin1Code: String
    var population: Int
    var latitude: Double
    var longitude: Double
    var timezone: String

    private enum CodingKeys: String, CodingKey {
        case id, name, population, latitude, longitude, timezone
        case countryCode = "country_code"
        case countryName = "country_name"
        case admin1Code = "admin1_code"
    }
}

extension City: FetchableRecord {
    init(row: Row) {
        id = row["id"]
        name = row["name"]
        countryCode = row["country_code"]
        countryName = row["country_name"]
        admin1Code = row["admin1_code"]
        population = row["population"]
        latitude = row["latitude"]
        longitude = row["longitude"]
        timezone = row["timezone"]
    }
}

extension City: Representation {
    static let csvHeader = [
        "id", "name", "country_code", "country_name", "admin1_code", "population", "latitude", "longitude", "timezone",
    ]

    var csvRows: [[String]] {
        let coordinates = ["\(latitude)", "\(longitude)"]
        return [["\(id)", name, countryCode, countryName, admin1Code, "\(population)"] + coordinates + [timezone]]
    }
}
