import GRDB
import Repositories
import RepositoriesSQLite

/// Upserts of 50,000 rows in one transaction: new rows, the same rows with other values, and the same rows again.
///
/// The reference is a statement that GRDB prepares once and runs for each row. It does not know which rows it added, changed or left,
/// and has no keys of them, which the repository returns.
struct UpsertComparison {
    let folder: BenchmarkFolder
    private static let count = 50_000

    private static let sql = """
        INSERT INTO places (name, country_code, population, latitude, longitude, timezone, version)
        VALUES (?, ?, ?, ?, ?, ?, 1)
        ON CONFLICT (name, country_code) DO UPDATE SET
            population = excluded.population, latitude = excluded.latitude, longitude = excluded.longitude,
            timezone = excluded.timezone, version = places.version + 1
        """

    func run(rounds: Int) async throws -> [PairedTimes] {
        let sets = [0, 1, 1].map { Places.places(count: Self.count, set: $0) }
        var comparisons = [
            PairedTimes("upsert of new rows", limit: 1.1, operations: Self.count),
            PairedTimes("upsert of changed rows", limit: 1.1, operations: Self.count),
            PairedTimes("upsert of equal rows", operations: Self.count),
        ]
        for round in 0..<rounds {
            let pools = try ["measured", "reference"].map { try folder.database($0) }
            let repository = SQLiteRepository(Places.all, in: pools[0])
            for (index, places) in sets.enumerated() {
                let upsert = { try await Self.upsert(places, in: repository, expecting: index) }
                let upsertByHand = { try await Self.upsertByHand(places, in: pools[1]) }
                if round.isMultiple(of: 2) {
                    let measured = try await PairedTimes.Time.of(upsert)
                    comparisons[index].add(measured, against: try await PairedTimes.Time.of(upsertByHand))
                } else {
                    let reference = try await PairedTimes.Time.of(upsertByHand)
                    comparisons[index].add(try await PairedTimes.Time.of(upsert), against: reference)
                }
            }
            for (name, pool) in zip(["measured", "reference"], pools) { try folder.remove(name, pool) }
        }
        return comparisons
    }

    private static func upsert(_ places: [Places.Place], in repository: SQLiteRepository, expecting index: Int)
        async throws
    {
        let write = RowWrite(.upsert(uniqueBy: ["name", "country_code"]), Places.batch(places))
        let result = try await repository.apply(write)
        let counts = [result.createdCount, result.updatedCount, result.unchangedCount]
        precondition(counts[index] == count, "\(counts) rows were created, updated and unchanged")
    }

    private static func upsertByHand(_ places: [Places.Place], in pool: DatabasePool) async throws {
        try await pool.write { db in
            let statement = try db.cachedStatement(sql: sql)
            for place in places {
                statement.setUncheckedArguments([
                    place.name, place.country, place.population, place.latitude, place.longitude, place.timezone,
                ])
                try statement.execute()
            }
        }
    }
}
