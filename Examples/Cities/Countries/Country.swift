import GRDB

/// A country, with its name in the client's language.
struct Country: Encodable, Sendable {
    var code: String
    var name: String
    var continentCode: String
    var population: Int
    var capital: String
    var currencyCode: String

    private enum CodingKeys: String, CodingKey {
        case code, name, population, capital
        case continentCode = "continent_code"
        case currencyCode = "currency_code"
    }
}

extension Country: FetchableRecord {
    init(row: Row) {
        code = row["code"]
        name = row["name"]
        continentCode = row["continent_code"]
        population = row["population"]
        capital = row["capital"]
        currencyCode = row["currency_code"]
    }
}

extension Country: Representation {
    static let csvHeader = ["code", "name", "continent_code", "population", "capital", "currency_code"]

    var csvRows: [[String]] { [[code, name, continentCode, "\(population)", capital, currencyCode]] }
}
