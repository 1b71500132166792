import GRDB
import HTTPTypes

/// Reads and writes the favourite cities of users.
struct FavouriteRepository: Sendable {
    let database: CitiesDatabase

    /// A user's favourites, by name.
    func all(of userID: String, language: String) async throws -> [City] {
        try await database.read { db in
            let cities: SQLRequest<City> = """
                \(CityRepository.select(language: language))
                JOIN favourites ON favourites.city_id = cities.id AND favourites.user_id = \(userID)
                ORDER BY \(sql: CityOrder.name.sql)
                """
            return try cities.fetchAll(db)
        }
    }

    /// Adds a city to a user's favourites unless it is one already.
    ///
    /// - Throws: ``APIError`` when the city does not exist.
    func add(_ cityID: Int64, of userID: String) async throws {
        try await database.write { db in
            guard try Bool.fetchOne(db, sql: "SELECT TRUE FROM cities WHERE id = ?", arguments: [cityID]) == true else {
                throw APIError.noCity("\(cityID)")
            }
            try db.execute(literal: "INSERT INTO favourites VALUES (\(userID), \(cityID)) ON CONFLICT DO NOTHING")
        }
    }

    /// Removes a city from a user's favourites.
    ///
    /// - Throws: ``APIError`` when it is not a favourite.
    func remove(_ cityID: Int64, of userID: String) async throws {
        try await database.write { db in
            try db.execute(literal: "DELETE FROM favourites WHERE user_id = \(userID) AND city_id = \(cityID)")
            guard db.changesCount > 0 else {
                throw APIError(.notFound, "no city with the id '\(cityID)' is among your favourites")
            }
        }
    }
}
