import Foundation
import GRDB
import Repositories

/// The rows of both sides: one schema, and the fields that describe it.
enum Places {
    static let id = Field.integer("id").key()
    static let name = Field.text("name", 1...200).filtered([.equality, .prefix]).sorted()
    static let country = Field.text("country_code", 2...2).filtered(.equality)
    static let population = Field.integer("population", 0...2_000_000_000).filtered(.order).sorted()
    static let latitude = Field.number("latitude", -90...90)
    static let longitude = Field.number("longitude", -180...180)
    static let timezone = Field.text("timezone", 1...64)
    static let version = Field.integer("version").hidden().version()
    static let all = FieldSet(
        "places", id, name, country, population, latitude, longitude, timezone, version
    ).unique("name", "country_code")

    static let schema = """
        CREATE TABLE places (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, country_code TEXT NOT NULL, population INTEGER NOT NULL,
            latitude REAL NOT NULL, longitude REAL NOT NULL, timezone TEXT NOT NULL, version INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX places_by_name ON places (name, country_code);
        CREATE INDEX places_by_country_and_population ON places (country_code, population);
        """

    /// A row in memory.
    struct Place {
        var name: String
        var country: String
        var population: Int64
        var latitude: Double
        var longitude: Double
        var timezone: String
    }

    /// Returns rows. The names and countries of all sets are the same.
    static func places(count: Int, set: Int) -> [Place] {
        (0..<count).map { index in
            Place(
                name: "Sankt Märgen \(index * 7919 % count)", country: ["DE", "AT", "CH", "FR", "IT"][index % 5],
                population: Int64(index * 104_729 % 10_000_000 + set),
                latitude: Double(index % 180) - 90 + 0.5, longitude: Double(index % 360) - 180 + 0.25,
                timezone: "Europe/Berlin")
        }
    }

    /// Returns the same rows as a batch.
    static func batch(_ places: [Place]) -> RowBatch {
        var batch = RowBatch(
            columns: ["name", "country_code", "population", "latitude", "longitude", "timezone"],
            capacity: places.count)
        for place in places {
            batch.append(.text(place.name))
            batch.append(.text(place.country))
            batch.append(.integer(place.population))
            batch.append(.number(place.latitude))
            batch.append(.number(place.longitude))
            batch.append(.text(place.timezone))
        }
        return batch
    }
}

/// A folder for databases.
struct BenchmarkFolder {
    private let url = FileManager.default.temporaryDirectory.appendingPathComponent("repository-path-\(UUID())")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    /// Creates a database with an empty table.
    func database(_ name: String) throws -> DatabasePool {
        let pool = try DatabasePool(path: url.appendingPathComponent("\(name).sqlite").path)
        try pool.write { db in try db.execute(sql: Places.schema) }
        return pool
    }

    /// Closes a database and removes its files.
    func remove(_ name: String, _ pool: DatabasePool) throws {
        try pool.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(at: url.appendingPathComponent("\(name).sqlite\(suffix)"))
        }
    }

    func remove() { try? FileManager.default.removeItem(at: url) }
}
