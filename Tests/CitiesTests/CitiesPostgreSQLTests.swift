#if PostgreSQL
import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Cities

/// The application on a PostgreSQL server that fails.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct CitiesPostgreSQLTests {
    private static let paris = "/cities/2988507"

    @Test func `Without its database the API serves cached responses`() async throws {
        let server = try await PostgreSQLServer.start()
        try await CitiesServer.run(database: .postgreSQL(url: server.url())) { send in
            for _ in 0..<2 { #expect(try await send(.get, CitiesTests.berlin).status == 200) }
            try await server.kill()
            let hit = try await send(.get, CitiesTests.berlin)
            #expect(hit.status == 200)
            let miss = try await send(.get, Self.paris)
            #expect(miss.status == 503)
            #expect(miss.response.headers[.retryAfter] == "1")
            try await server.launch()
            try await eventually { try await send(.get, Self.paris).status == 200 }
            let update = try await send(.patch, Self.paris, [.ifMatch: "*"], body: #"{"population": 5}"#)
            #expect(update.status == 200)
        }
        try await server.stop()
    }

    @Test func `A table that does not fit the fields ends the start`() async throws {
        let server = try await PostgreSQLServer.shared()
        let name = try await server.createDatabase()
        try await server.sql("CREATE TABLE cities (id bigint PRIMARY KEY, name text)", database: name)
        let error = await #expect(throws: (any Error).self) {
            try await CitiesServer.run(database: .postgreSQL(url: server.url(name))) { _ in }
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("cities_en"))
    }
}
#endif
