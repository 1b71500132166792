#if PostgreSQL
import NIOCore
import TestSupport
import Testing

@testable import PostgreSQLTransport

@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct PostgreSQLStatementTests {
    @Test func `Values of all types keep their value`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            // The third execution uses a prepared statement.
            for _ in 0..<3 {
                let result = try await client.execute(
                    "SELECT $1::bool, $2::int8, $3::float8, $4::text, $5::bytea, $6::text",
                    [
                        .boolean(true), .integer(.min), .number(0.1), .text("a'\"\\\u{E9}\u{1F600}"),
                        .bytes(ByteBuffer(bytes: [0, 255, 92])), .null,
                    ])
                #expect(result.rowCount == 1)
                #expect(result.columnCount == 6)
                #expect(result.boolean(0, 0) == true)
                #expect(result.integer(0, 1) == .min)
                #expect(result.number(0, 2) == 0.1)
                #expect(result.text(0, 3) == "a'\"\\\u{E9}\u{1F600}")
                #expect(result.bytes(0, 4) == ByteBuffer(bytes: [0, 255, 92]))
                #expect(result.isNull(0, 5))
                #expect(result.text(0, 5) == nil)
                #expect(result.integer(0, 5) == nil)
                #expect(result.number(0, 5) == nil)
                #expect(result.boolean(0, 5) == nil)
                #expect(result.bytes(0, 5) == nil)
            }
        }
    }

    @Test(arguments: [
        Double.pi, -0.0, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, 1.0 / 3,
    ]) func `Doubles are exact`(value: Double) async throws {
        try await PostgreSQLFixture.with { fixture in
            let result = try await fixture.client().execute("SELECT $1::float8", [.number(value)])
            #expect(result.number(0, 0)?.bitPattern == value.bitPattern)
        }
    }

    @Test func `Arrays keep their elements and NULLs`() async throws {
        let texts: [String?] = ["a", nil, "", "{\"b\"},\\", "NULL", "\u{E9}"]
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            let result = try await client.execute(
                "SELECT * FROM UNNEST($1, $2, $3, $4)",
                [
                    .texts(texts), .integers([1, nil, .max, 4, 5, 6]), .numbers([nil, 1.5, .nan, 4, 5, 6]),
                    .booleans([true, false, nil, true, true, true]),
                ])
            #expect((0..<6).map { result.text($0, 0) } == texts)
            #expect((0..<3).map { result.integer($0, 1) } == [1, nil, .max])
            #expect(result.number(0, 2) == nil)
            #expect(result.number(1, 2) == 1.5)
            #expect(result.number(2, 2)?.isNaN == true)
            #expect((0..<3).map { result.boolean($0, 3) } == [true, false, nil])
            let empty = try await client.execute("SELECT count(*) FROM UNNEST($1::text[])", [.texts([])])
            #expect(empty.integer(0, 0) == 0)
        }
    }

    @Test func `Text becomes the type that the statement needs`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            try await client.withConnection {
                try await $0.executeScript("CREATE TABLE a (id uuid, data json, at timestamptz, n numeric, small int2)")
            }
            let insert = "INSERT INTO a VALUES ($1, $2, $3, $4, $5)"
            let id = "0e37df36-f698-11e6-8dd4-cb9ced3df976"
            let row: [PostgreSQLValue] = [
                .text(id), .text("{\"a\": 1}"), .text("2024-05-01T12:00:00+02:00"), .text("1.50"), .integer(7),
            ]
            for _ in 0..<3 { #expect(try await client.execute(insert, row).changedCount == 1) }
            // A statement that was prepared with NULL takes a value later.
            try await client.withConnection { connection in
                let update = "UPDATE a SET small = $1"
                for value: PostgreSQLValue in [.null, .null, .integer(5), .integer(6), .null, .integer(7)] {
                    let count = try await connection.execute(update, [value]).changedCount
                    #expect(count == 3)
                }
            }
            let result = try await client.execute("SELECT id, data, at, n, small FROM a WHERE id = $1", [.text(id)])
            #expect((0..<4).map { result.text(0, $0) } == [id, "{\"a\": 1}", "2024-05-01 10:00:00+00", "1.50"])
            #expect(result.number(0, 3) == 1.5)
            #expect(result.integer(0, 4) == 7)
            #expect(result.columnName(2) == "at")
        }
    }

    @Test func `A NUL character is rejected`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            for value: PostgreSQLValue in [.text("a\0b"), .texts(["a\0b"])] {
                let error = await #expect(throws: PostgreSQLError.self) {
                    try await client.execute("SELECT $1::text", [value])
                }
                #expect(error?.sqlState == "22021")
            }
            #expect(try await client.execute("SELECT 1").integer(0, 0) == 1)
        }
    }

    @Test func `COPY loads rows and reports bad ones`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            try await client.withConnection { connection in
                try await connection.executeScript("CREATE TABLE a (id int8, name text); CREATE TABLE b (id int8)")
                let rows = (0..<100_000).map { "\($0)\tname \($0)\n" }.joined()
                #expect(try await connection.copyIn("COPY a FROM STDIN", ByteBuffer(string: rows)) == 100_000)
                #expect(try await connection.execute("SELECT sum(id) FROM a").integer(0, 0) == 4_999_950_000)
                #expect(try await connection.copyIn("COPY b FROM STDIN", ByteBuffer()) == 0)
                let bad = ByteBuffer(string: "x\t1\n" + rows)
                let error = await #expect(throws: PostgreSQLError.self) {
                    try await connection.copyIn("COPY a FROM STDIN", bad)
                }
                #expect(error?.sqlState == "22P02")
                #expect(error?.message == "invalid input syntax for type bigint: \"…\"")
                let misplaced = await #expect(throws: PostgreSQLError.self) {
                    try await connection.execute("COPY a FROM STDIN")
                }
                #expect(misplaced?.message.contains("copyIn") == true)
                #expect(try await connection.execute("SELECT count(*) FROM a").integer(0, 0) == 100_000)
            }
            await #expect(throws: PostgreSQLError.self) { try await client.execute("COPY a TO STDOUT") }
            #expect(try await client.execute("SELECT 1").integer(0, 0) == 1)
        }
    }

    @Test func `Errors name the constraint, not the values`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            try await client.withConnection {
                try await $0.executeScript("CREATE TABLE a (id int8 CONSTRAINT own PRIMARY KEY, name text NOT NULL)")
            }
            let insert = "INSERT INTO a VALUES ($1, $2)"
            _ = try await client.execute(insert, [.integer(4711), .text("secret")])
            for _ in 0..<3 {
                let error = await #expect(throws: PostgreSQLError.self) {
                    try await client.execute(insert, [.integer(4711), .text("secret")])
                }
                #expect(error?.sqlState == "23505")
                #expect(error?.kind == .server)
                #expect(error?.constraint == "own")
                #expect(error?.table == "a")
                #expect(error?.isTransient == false)
                #expect(error?.description.contains("4711") == false)
            }
            let error = await #expect(throws: PostgreSQLError.self) {
                try await client.execute(insert, [.integer(1), .null])
            }
            #expect(error?.column == "name")
            let syntax = await #expect(throws: PostgreSQLError.self) { try await client.execute("SELEC") }
            #expect(syntax?.sqlState == "42601")
            let count = [PostgreSQLValue](repeating: .null, count: 70_000)
            await #expect(throws: PostgreSQLError.self) { try await client.execute("SELECT 1", count) }
        }
    }

    @Test(arguments: [
        (#"invalid input syntax for type integer: "4711""#, #"invalid input syntax for type integer: "…""#),
        ("ungültige Eingabesyntax für Typ integer: »4711«", "ungültige Eingabesyntax für Typ integer: »…«"),
        ("syntaxe invalide pour le type integer : « 4711 »", "syntaxe invalide pour le type integer : «…»"),
        ("\"integer\"型の入力構文が不正です: \"4711\"", "\"…\""), ("integer out of range", "integer out of range"),
    ]) func `Messages about values have none in any language`(message: String, expected: String) {
        #expect(PostgreSQLError.withoutValues(message, "22P02") == expected)
        #expect(PostgreSQLError.withoutValues(message, "23505") == message)
    }

    @Test func `Evicted prepared statements leave the server`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.statementCacheSize = 3 }
            try await client.withConnection { connection in
                for number in 0..<10 {
                    for _ in 0..<3 { _ = try await connection.execute("SELECT \(number) + $1::int8", [.integer(1)]) }
                }
                let count = try await connection.execute("SELECT count(*) FROM pg_prepared_statements").integer(0, 0)
                #expect(count == 3 || count == 2)
            }
            let unprepared = try fixture.client { $0.statementCacheSize = 0 }
            try await unprepared.withConnection { connection in
                for _ in 0..<3 {
                    let count = try await connection.execute("SELECT count(*) FROM pg_prepared_statements")
                    #expect(count.integer(0, 0) == 0)
                }
            }
        }
    }

    @Test func `Prepared statements survive changes of their tables`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.maximumConnections = 1 }
            _ = try await client.execute("CREATE TABLE a (id int8)")
            for _ in 0..<3 { #expect(try await client.execute("SELECT * FROM a").columnCount == 1) }
            _ = try await client.execute("ALTER TABLE a ADD COLUMN name text")
            for _ in 0..<3 { #expect(try await client.execute("SELECT * FROM a").columnCount == 2) }
            _ = try await client.execute("DISCARD ALL")
            for _ in 0..<3 { #expect(try await client.execute("SELECT * FROM a").columnCount == 2) }
        }
    }
}
#endif
