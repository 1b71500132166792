import GRDB
import HTTPTypes

/// Reads and writes which cities users like best.
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

    /// Makes a city a favourite; one that is already stays one.
    ///
    /// - Throws: ``APIError`` when there is no such city.
    func add(_ cityID: Int64, of userID: String) async throws {
        try await database.write { db in
            guard try Bool.fetchOne(db, sql: "SELECT TRUE FROM cities WHERE id = ?", arguments: [cityID]) == true else {
                throw APIError.noCity("\(cityID)")
            }
            try db.execute(literal: "INSERT INTO favourites VALUES (\(userID), \(cityID)) ON CONFLICT DO NOTHING")
        }
    }

    /// Makes a city a favourite no more.
    ///
    /// - Throws: ``APIError`` when it was none.
    func remove(_ cityID: Int64, of userID: String) async throws {
        try await database.write { db in
            try db.execute(literal: "DELETE FROM favourites WHERE user_id = \(userID) AND city_id = \(cityID)")
            guard db.changesCount > 0 else {
                throw APIError(.notFound, "no city with the id '\(cityID)' is among your favourites")
            }
        }
    }
}
