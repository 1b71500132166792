import Foundation
import HTTPTypes
import Testing

@testable import Cities

/// Requests while the cache's server is unavailable.
@Suite struct CitiesOutageTests {
    @Test func `Instances that start together fill the database once`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "cities.sqlite").path
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await SQLiteCitiesDatabase.open(path: path).users().byToken.count
                    }
                }
                for try await count in group { #expect(count == 2) }
            }
        }
    }

    /// No server listens there.
    static let nowhere = ["redis://127.0.0.1:1/0", "tiered+redis://127.0.0.1:1/0"]

    @Test(arguments: nowhere)
    func `Without its server the API skips the cache`(location: String) async throws {
        // Updates stay conditional.
        try await CitiesServer.run(cache: try CacheLocation(location)) { send in
            for _ in 0..<2 {
                let list = try await send(.get, "/cities?country_code=DE&page_size=1")
                #expect(list.status == 200)
                #expect(list.cacheStatus == "ResponseCache; fwd=bypass")
                #expect(list.tag == nil, "its key has the stamp, which is unavailable")
            }
            let city = try await send(.get, CitiesTests.berlin)
            let tag = try #require(city.tag, "its key has the city's version from the database")
            #expect(try await send(.get, CitiesTests.berlin, [.ifNoneMatch: tag]).status == 304)

            let change = #"{"population": 5}"#
            let accepted = try await send(.patch, CitiesTests.berlin, [.ifMatch: tag], body: change)
            #expect(accepted.status == 200)
            #expect(try await send(.patch, CitiesTests.berlin, [.ifMatch: tag], body: change).status == 412)
            let fresh = try await send(.get, CitiesTests.berlin)
            #expect(fresh.object["population"] as? Int == 5)
            #expect(fresh.tag == accepted.tag)
            #expect(try await send(.get, "/stats").status == 200)
        }
    }

    @Test(arguments: nowhere)
    func `Requests that need the server return 503`(location: String) async throws {
        try await CitiesServer.run(cache: try CacheLocation(location)) { send in
            let date: HTTPFields = [.ifUnmodifiedSince: "Sat, 01 Jan 2050 00:00:00 GMT"]
            let update = try await send(.patch, CitiesTests.berlin, date, body: #"{"population": 5}"#)
            #expect(update.status == 503)
            #expect(try await send(.get, CitiesTests.berlin).object["population"] as? Int != 5)
        }
    }
}
