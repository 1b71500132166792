import CacheMiddleware
import Foundation
import HTTPTypes
import KeyConstructor
import Synchronization
import Testing

@testable import Cities

/// Requests while the cache's server is unavailable.
@Suite struct CitiesOutageTests {
    @Test func `A write succeeds without the store, and the stamp follows`() async throws {
        // It changes when the store has recovered.
        try await withTemporaryFolder { folder in
            let store = RemoteStore()
            let stamp = VersionStamp("cities", in: store)
            let background = BackgroundWork()
            var runtime = CacheRuntime(background: background)
            runtime.clock = HastyClock()
            let database = try CitiesDatabase.open(
                path: folder.appending(path: "cities.sqlite").path, updatedAt: stamp,
                invalidations: InvalidationService(in: store, runtime: runtime))
            let favourites = FavouriteRepository(database: database)
            let before = try await stamp.current()

            store.isAway.store(true, ordering: .releasing)
            try await favourites.add(2_950_159, of: "alice")
            #expect(try await favourites.all(of: "alice", language: "en").map(\.name) == ["Berlin"])
            #expect(background.count == 1, "the background task touches the stamp later")

            store.isAway.store(false, ordering: .releasing)
            await background.waitUntilIdle()
            #expect(try await stamp.current() != before)
        }
    }

    @Test func `Instances that start together fill the database once`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "cities.sqlite").path
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let store = MemoryStore(byteLimit: 1 << 20)
                        let database = try CitiesDatabase.open(
                            path: path, updatedAt: VersionStamp("cities", in: store),
                            invalidations: InvalidationService(in: store))
                        return try await database.users().count
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
                let list = try await send(.get, "/cities?country=DE&page_size=1")
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
            #expect(try await send(.get, "/countries", [CitiesTests.explainKey: "true"]).status == 503)
        }
    }
}

/// A store that can become unreachable.
private final class RemoteStore: CacheStore {
    struct Away: Error {}

    let isAway = Atomic(false)
    private let memory = MemoryStore(byteLimit: 1 << 20)

    private var reached: MemoryStore {
        get throws {
            guard !isAway.load(ordering: .acquiring) else { throw Away() }
            return memory
        }
    }

    func entry(for key: CacheKey) async throws -> CacheEntry? { try reached.entry(for: key) }

    func purgeMark() async throws -> PurgeMark { try reached.purgeMark() }

    func store(_ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?) async throws -> Bool {
        try reached.store(entry, for: key, unlessPurgedSince: mark)
    }

    func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
        try await reached.purge(selection, mode: mode)
    }
}

/// A clock that shortens every sleep.
private struct HastyClock: Clock {
    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}
