#if GRDB
import Foundation
import GRDB
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Testing

@Suite struct SQLiteRepositoryTests {
    @Test func `Behaves as every repository does`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await RepositorySuite { fields in
            let database = try folder.database()
            try await database.write { db in
                for statement in RepositorySuite.schema { try db.execute(sql: statement) }
            }
            return SQLiteRepository(fields, in: database)
        }.run()
    }
}

/// A folder for the files of a test.
struct TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("repositories-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    /// Returns a new database.
    func database() throws -> DatabasePool {
        try DatabasePool(path: url.appendingPathComponent("\(UUID().uuidString).sqlite").path)
    }

    func remove() {
        try? FileManager.default.removeItem(at: url)
    }
}
#endif
