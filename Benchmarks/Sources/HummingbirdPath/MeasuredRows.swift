import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import NIOCore
import Repositories
import RepositoriesSQLite
import Resources
import Synchronization

/// A row that a resource reads, and the handler by hand of the same row: GRDB's `FetchableRecord`, and `JSONEncoder`.
///
/// The table has 5,000 rows, and each request is for another one.
enum MeasuredRows {
    private static let count = 5_000

    static let targets = (0..<count).map { "/cities/\($0 * 7919 % count + 1)" }

    private enum CityFields {
        static let id = Field.integer("id").key()
        static let name = Field.text("name", 1...200).filtered([.equality, .prefix]).sorted()
        static let country = Field.text("country_code", 2...2).filtered(.equality)
        static let region = Field.text("admin1_code", 0...20)
        static let population = Field.integer("population", 0...2_000_000_000).filtered(.order).sorted()
        static let latitude = Field.number("latitude", -90...90)
        static let longitude = Field.number("longitude", -180...180)
        static let timezone = Field.text("timezone", 1...64)
        static let version = Field.integer("version").hidden().version()
        static let all = FieldSet(
            "cities", id, name, country, region, population, latitude, longitude, timezone, version)
    }

    private struct City: Encodable, FetchableRecord {
        var id: Int64
        var name: String
        var countryCode: String
        var admin1Code: String
        var population: Int
        var latitude: Double
        var longitude: Double
        var timezone: String

        private enum CodingKeys: String, CodingKey {
            case id, name, population, latitude, longitude, timezone
            case countryCode = "country_code"
            case admin1Code = "admin1_code"
        }

        init(row: Row) {
            id = row["id"]
            name = row["name"]
            countryCode = row["country_code"]
            admin1Code = row["admin1_code"]
            population = row["population"]
            latitude = row["latitude"]
            longitude = row["longitude"]
            timezone = row["timezone"]
        }
    }

    static func addResource(to router: Router<BasicRequestContext>) throws {
        router.add(Resource("cities", over: SQLiteRepository(CityFields.all, in: try database())))
    }

    static func addRoute(to router: Router<BasicRequestContext>) throws {
        let pool = try database()
        router.get("cities/{id}") { _, context in
            guard let id = context.parameters.get("id", as: Int64.self) else { throw HTTPError(.notFound) }
            let city = try await pool.read { db in
                try SQLRequest<City>("SELECT * FROM cities WHERE id = \(id)").fetchOne(db)
            }
            guard let city else { throw HTTPError(.notFound) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let body = ByteBuffer(bytes: try encoder.encode(city))
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: body))
        }
    }

    private static func database() throws -> DatabasePool {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("hummingbird-path-\(UUID()).sqlite")
        let pool = try DatabasePool(path: url.path)
        try pool.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE cities (
                        id INTEGER PRIMARY KEY, name TEXT NOT NULL, country_code TEXT NOT NULL,
                        admin1_code TEXT NOT NULL, population INTEGER NOT NULL, latitude REAL NOT NULL,
                        longitude REAL NOT NULL, timezone TEXT NOT NULL, version INTEGER NOT NULL
                    )
                    """)
            let statement = try db.makeStatement(
                sql: "INSERT INTO cities VALUES (NULL, ?, 'DE', '08', ?, ?, ?, 'Europe/Berlin', 1)")
            for index in 0..<count {
                try statement.execute(arguments: [
                    "Sankt Märgen \(index)", index * 104_729 % 10_000_000, Double(index % 90) + 0.25, 8.125,
                ])
            }
        }
        files.withLock { $0 += ["", "-wal", "-shm"].map { url.path + $0 } }
        return pool
    }

    private static let files = Mutex<[String]>([])

    /// Removes the files of all databases, at the end of the program.
    static func removeFiles() {
        for path in files.withLock(\.self) { try? FileManager.default.removeItem(atPath: path) }
    }
}
