public import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

/// A suite of checks that every `CacheStore` must pass. Run it in a test of a store:
///
/// ```swift
/// @Test func `behaves as a store`() async throws {
///     try await CacheStoreSuite { time in MyStore(timeSource: time) }.run()
/// }
/// ```
public struct CacheStoreSuite: Sendable {
    let makeStore: @Sendable (ManualTimeSource) async throws -> any CacheStore

    /// Creates a suite for the stores that a closure creates.
    ///
    /// - Parameter makeStore: Creates an empty store for at least 1 MiB that uses the given wall clock.
    public init(_ makeStore: @escaping @Sendable (ManualTimeSource) async throws -> any CacheStore) {
        self.makeStore = makeStore
    }

    /// Runs every check, each with its own store.
    public func run() async throws {
        try await returnsWhatWasStored()
        try await replacesAnEntry()
        try await expiresEntriesAtTheirMoment()
        try await forgetsWhatIsRemoved()
        try await keepsEntriesApartUnderConcurrency()
        try await keepsWhatAnEntryIsFoundBy()
        try await returnsStaleEntriesUntilTheyExpire()
        try await forgetsOrStalesWhatAPurgeSelects()
        try await keepsOutWhatWasPurgedWhileItWasMade()
        try await returnsTheMarkOfALookUp()
        try await letsPurgesWinUnderConcurrency()
        try await recordsPurgesIfItSaysSo()
    }

    private func returnsWhatWasStored() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        #expect(try await store.entry(for: Self.key(1)) == nil, "an empty store has no entry")
        var fields: HTTPFields = [.contentType: "text/plain"]
        fields.append(HTTPField(name: .link, value: "<a>"))
        fields.append(HTTPField(name: .link, value: "<b>"))
        let entry = CacheEntry(
            status: .init(code: 299, reasonPhrase: "Odd"), headerFields: fields,
            body: ByteBuffer(bytes: (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }), storedAt: time.now
        ) { $0.isThrownError = true }
        try await store.store(entry, for: Self.key(1))
        let found = try await store.entry(for: Self.key(1))
        #expect(found == entry, "status, repeated fields, body, moments and the error mark come back")
        let empty = CacheEntry(status: .noContent, storedAt: time.now)
        try await store.store(empty, for: Self.key(2))
        #expect(try await store.entry(for: Self.key(2)) == empty, "an empty body is an entry")
        #expect(try await store.entry(for: Self.key(3)) == nil, "another key has no entry")
    }

    private func replacesAnEntry() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        for text in ["first", "second"] {
            let entry = CacheEntry(status: .ok, body: ByteBuffer(string: text), storedAt: time.now)
            try await store.store(entry, for: Self.key(1))
        }
        #expect(try await store.entry(for: Self.key(1))?.body == ByteBuffer(string: "second"))
    }

    private func expiresEntriesAtTheirMoment() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        let entry = CacheEntry(status: .ok, storedAt: time.now) { $0.expiresAt = time.now + .seconds(10) }
        try await store.store(entry, for: Self.key(1))
        time.advance(by: .milliseconds(9999))
        #expect(try await store.entry(for: Self.key(1)) != nil, "an entry is used until it expires")
        time.advance(by: .milliseconds(1))
        #expect(try await store.entry(for: Self.key(1)) == nil, "exactly at its moment an entry has expired")
    }

    private func forgetsWhatIsRemoved() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        let entry = CacheEntry(status: .ok, storedAt: time.now)
        for number in 1...3 { try await store.store(entry, for: Self.key(number)) }
        try await store.purge(.key(Self.key(2)), mode: .hard)
        try await store.purge(.key(Self.key(9)), mode: .hard)
        #expect(try await store.entry(for: Self.key(1)) != nil)
        #expect(try await store.entry(for: Self.key(2)) == nil, "a removed entry is gone")
        try await store.purge(.everything, mode: .hard)
        #expect(try await store.entry(for: Self.key(1)) == nil, "after removing all nothing is left")
        #expect(try await store.entry(for: Self.key(3)) == nil)
    }

    private func keepsEntriesApartUnderConcurrency() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<100 {
                        let key = Self.key(number)
                        let body = ByteBuffer(string: "body of \(number)")
                        if (number + task) % 3 == 0 {
                            try await store.store(CacheEntry(status: .ok, body: body, storedAt: time.now), for: key)
                        } else if let entry = try await store.entry(for: key) {
                            #expect(entry.body == body, "a key never gives another key's entry")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    static func key(_ number: Int) -> CacheKey {
        CacheKey(digestOf: "key \(number)")
    }
}

extension HTTPField.Name {
    fileprivate static let link = HTTPField.Name("Link")!
}

extension CacheStore {
    func store(_ entry: CacheEntry, for key: CacheKey) async throws {
        try await store(entry, for: key, unlessPurgedSince: nil)
    }
}
