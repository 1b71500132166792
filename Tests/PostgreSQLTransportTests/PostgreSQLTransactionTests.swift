#if PostgreSQL
import PostgreSQLTransport
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct PostgreSQLTransactionTests {
    private struct Failure: Error {}

    /// Runs a test with a table of one column.
    private static func withTable(
        _ body: (PostgreSQLClient, () async throws -> Int64?) async throws -> Void
    ) async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            _ = try await client.execute("CREATE TABLE a (id int8 PRIMARY KEY, n int8 NOT NULL DEFAULT 0)")
            try await body(client) { try await client.execute("SELECT count(*) FROM a").integer(0, 0) }
        }
    }

    @Test func `A transaction commits what its closure wrote`() async throws {
        try await Self.withTable { client, count in
            let value = try await client.withTransaction { connection in
                _ = try await connection.execute("INSERT INTO a VALUES (1)")
                let left = try await count()
                #expect(left == 0)
                return 5
            }
            #expect(value == 5)
            #expect(try await count() == 1)
        }
    }

    @Test func `A transaction rolls back if its closure throws`() async throws {
        try await Self.withTable { client, count in
            await #expect(throws: Failure.self) {
                try await client.withTransaction { connection in
                    _ = try await connection.execute("INSERT INTO a VALUES (1)")
                    throw Failure()
                }
            }
            let left = try await count()
            #expect(left == 0)
        }
    }

    @Test func `A failed statement makes the commit fail`() async throws {
        try await Self.withTable { client, count in
            let error = await #expect(throws: PostgreSQLError.self) {
                try await client.withTransaction { connection in
                    _ = try await connection.execute("INSERT INTO a VALUES (1)")
                    _ = try? await connection.execute("INSERT INTO a VALUES (1)")
                }
            }
            #expect(error?.sqlState == "25P02")
            let left = try await count()
            #expect(left == 0)
        }
    }

    @Test func `A savepoint undoes its own writes only`() async throws {
        try await Self.withTable { client, count in
            try await client.withTransaction { connection in
                _ = try await connection.execute("INSERT INTO a VALUES (1)")
                await #expect(throws: PostgreSQLError.self) {
                    try await connection.withSavepoint {
                        _ = try await connection.execute("INSERT INTO a VALUES (2)")
                        _ = try await connection.execute("INSERT INTO a VALUES (1)")
                    }
                }
                try await connection.withSavepoint {
                    _ = try await connection.execute("INSERT INTO a VALUES (3)")
                    await #expect(throws: Failure.self) {
                        try await connection.withSavepoint {
                            _ = try await connection.execute("INSERT INTO a VALUES (4)")
                            throw Failure()
                        }
                    }
                }
            }
            let ids = try await client.execute("SELECT string_agg(id::text, ',' ORDER BY id) FROM a")
            #expect(ids.text(0, 0) == "1,3")
        }
    }

    @Test(arguments: PostgreSQLIsolation.allCases) func `Transactions have their isolation level`(
        isolation: PostgreSQLIsolation
    ) async throws {
        try await Self.withTable { client, _ in
            let level = try await client.withTransaction(isolation) {
                try await $0.execute("SHOW transaction_isolation").text(0, 0)
            }
            #expect(level?.uppercased() == isolation.rawValue)
        }
    }

    @Test func `A serialization failure is transient`() async throws {
        try await Self.withTable { client, _ in
            _ = try await client.execute("INSERT INTO a VALUES (1)")
            let error = await #expect(throws: PostgreSQLError.self) {
                try await client.withTransaction(.repeatableRead) { connection in
                    _ = try await connection.execute("SELECT * FROM a")
                    _ = try await client.execute("UPDATE a SET n = 1")
                    _ = try await connection.execute("UPDATE a SET n = 2")
                }
            }
            #expect(error?.sqlState == "40001")
            #expect(error?.isTransient == true)
        }
    }

    @Test func `A deadlock is transient`() async throws {
        try await Self.withTable { client, _ in
            _ = try await client.execute("INSERT INTO a VALUES (1), (2)")
            let update = "UPDATE a SET n = n + 1 WHERE id = $1"
            let error = await #expect(throws: PostgreSQLError.self) {
                try await client.withTransaction { first in
                    _ = try await first.execute(update, [.integer(1)])
                    try await client.withTransaction { second in
                        _ = try await second.execute(update, [.integer(2)])
                        // One of both ends the other's wait by failing.
                        async let one = first.execute(update, [.integer(2)])
                        async let two = second.execute(update, [.integer(1)])
                        _ = try await (one, two)
                    }
                }
            }
            #expect(error?.sqlState == "40P01")
            #expect(error?.isTransient == true)
        }
    }

    @Test func `A read-only transaction rejects writes`() async throws {
        try await Self.withTable { client, _ in
            let error = await #expect(throws: PostgreSQLError.self) {
                try await client.withTransaction { connection in
                    _ = try await connection.execute("SET TRANSACTION READ ONLY")
                    _ = try await connection.execute("INSERT INTO a VALUES (1)")
                }
            }
            #expect(error?.sqlState == "25006")
            #expect(error?.isTransient == false)
        }
    }

    @Test func `A connection is unusable after its closure`() async throws {
        try await Self.withTable { client, count in
            var kept: PostgreSQLConnection?
            try await client.withConnection { connection in
                kept = connection
                // The open transaction is rolled back.
                try await connection.executeScript("BEGIN; INSERT INTO a VALUES (1)")
            }
            let error = await #expect(throws: PostgreSQLError.self) { try await kept?.execute("SELECT 1") }
            #expect(error?.kind == .closed)
            let left = try await count()
            #expect(left == 0)
        }
    }

    @Test func `Tasks share a connection statement by statement`() async throws {
        try await Self.withTable { client, _ in
            try await client.withTransaction { connection in
                let values = try await withThrowingTaskGroup(of: Int64?.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            try await connection.execute("SELECT $1::int8", [.integer(Int64(number))]).integer(0, 0)
                        }
                    }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                #expect(values.count == 50)
            }
        }
    }
}
#endif
