#if PostgreSQL
import TestSupport
import Testing

/// Tests of the fixture.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct PostgreSQLServerTests {
    @Test func `Each database is empty`() async throws {
        let server = try await PostgreSQLServer.shared()
        let names = [try await server.createDatabase(), try await server.createDatabase()]
        for name in names { try await server.sql("CREATE TABLE a (id int)", database: name) }
        #expect(try await server.sql("SELECT count(*) FROM a", database: names[1]) == "0")
        await #expect(throws: PostgreSQLServerError.self) { try await server.sql("SELECT nonsense") }
    }

    @Test func `A killed, restarted or paused server keeps its data`() async throws {
        let server = try await PostgreSQLServer.start(["max_connections=7"])
        try await server.sql("CREATE TABLE a (id int)")
        try await server.kill()
        await #expect(throws: PostgreSQLServerError.self) { try await server.sql("SELECT 1") }
        try await server.launch()
        try await server.restart()
        #expect(try await server.sql("SELECT count(*), current_setting('max_connections') FROM a") == "0|7")
        server.pause()
        server.resume()
        #expect(try await server.sql("SELECT 1") == "1")
        try await server.stop()
    }
}
#endif
