import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

extension CacheStoreSuite {
    func keepsWhatAnEntryIsFoundBy() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        let entry = CacheEntry(status: .ok, storedAt: time.now) {
            $0.freshUntil = time.now + .seconds(5)
            $0.expiresAt = time.now + .seconds(60)
            $0.tags = ["cities", "city 7", "a tag, with \"odd\" characters: \u{e9}\n"]
            $0.path = "/cities/7"
            $0.computationTime = .milliseconds(1234)
        }
        try await store.store(entry, for: Self.key(1))
        let found = try await store.entry(for: Self.key(1))
        #expect(found?.tags == entry.tags, "tags come back in their order")
        #expect(found?.path == entry.path, "the path comes back")
        #expect(found?.computationTime == entry.computationTime, "the computation time is stored")
        #expect(found?.freshUntil == entry.freshUntil, "the moment from which on it is stale comes back")
        #expect(found?.expiresAt == entry.expiresAt, "the moment from which on it is not used comes back")
        try await store.store(CacheEntry(status: .ok, storedAt: time.now), for: Self.key(2))
        let plain = try await store.entry(for: Self.key(2))
        #expect(plain != nil && plain?.path == nil && plain?.tags == [], "an entry needs neither a path nor tags")
        #expect(plain != nil && plain?.freshUntil == nil && plain?.expiresAt == nil, "an entry needs no end")
    }

    func returnsStaleEntriesUntilTheyExpire() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        let entry = CacheEntry(status: .ok, storedAt: time.now) {
            $0.freshUntil = time.now + .seconds(10)
            $0.expiresAt = time.now + .seconds(20)
        }
        try await store.store(entry, for: Self.key(1))
        time.advance(by: .seconds(15))
        let stale = try await store.entry(for: Self.key(1))
        #expect(stale == entry, "a stale entry is returned until it expires")
        #expect(stale?.isFresh(at: time.now) == false, "it says that it is stale")
        time.advance(by: .seconds(5))
        #expect(try await store.entry(for: Self.key(1)) == nil, "it is not returned once it has expired")
    }

    func forgetsOrStalesWhatAPurgeSelects() async throws {
        for mode in [PurgeMode.hard, .soft] {
            for (selection, selected) in Self.selections {
                let time = ManualTimeSource()
                let store = try await makeStore(time)
                for (number, entry) in Self.entries(at: time.now).enumerated() {
                    try await store.store(entry, for: Self.key(number))
                }
                time.advance(by: .seconds(1))
                let count = try await store.purge(selection, mode: mode)
                #expect(
                    count == nil || count == selected.count, "a store that counts says how many \(selection) selects")
                time.advance(by: .seconds(1))
                for (number, entry) in Self.entries(at: time.now).enumerated() {
                    let found = try await store.entry(for: Self.key(number))
                    switch (selected.contains(number), mode) {
                    case (false, _):
                        #expect(
                            found?.isFresh(at: time.now) == true,
                            "a \(mode) purge of \(selection) leaves entry \(number) alone")
                    case (true, .hard):
                        #expect(found == nil, "a hard purge of \(selection) forgets entry \(number)")
                    case (true, .soft):
                        #expect(found?.body == entry.body, "a soft purge of \(selection) keeps entry \(number)")
                        #expect(
                            found?.isFresh(at: time.now) == false,
                            "a soft purge of \(selection) makes entry \(number) stale")
                    }
                }
            }
        }
    }

    func keepsOutWhatWasPurgedWhileItWasMade() async throws {
        for mode in [PurgeMode.hard, .soft] {
            for (selection, selected) in Self.selections {
                let time = ManualTimeSource()
                let store = try await makeStore(time)
                let mark = try await store.purgeMark()
                try await store.purge(selection, mode: mode)
                let later = try await store.purgeMark()
                for (number, entry) in Self.entries(at: time.now).enumerated() {
                    let isSelected = selected.contains(number)
                    let kept = try await store.store(entry, for: Self.key(number), unlessPurgedSince: mark)
                    #expect(
                        kept != isSelected,
                        "a purge of \(selection) keeps out what it selects and began before: \(number)")
                    let found = try await store.entry(for: Self.key(number))
                    #expect(
                        (found == nil) == isSelected, "what the purge of \(selection) kept out is not found: \(number)")
                    #expect(
                        try await store.store(entry, for: Self.key(number), unlessPurgedSince: later),
                        "what began after the purge of \(selection) is kept: \(number)")
                }
            }
        }
    }

    func returnsTheMarkOfALookUp() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        let entries = Self.entries(at: time.now)
        let missed = try await store.lookUp(Self.key(0))
        #expect(missed.entry == nil, "a look-up in an empty store finds nothing")
        try await store.store(entries[0], for: Self.key(0))
        let found = try await store.lookUp(Self.key(0))
        #expect(found.entry == entries[0], "a look-up finds what is stored")
        try await store.purge(.key(Self.key(0)), mode: .hard)
        let purged = try await store.lookUp(Self.key(0))
        #expect(purged.entry == nil, "a look-up finds nothing that was purged")
        for mark in [missed.mark, found.mark].compactMap({ $0 }) {
            #expect(
                try await store.store(entries[0], for: Self.key(0), unlessPurgedSince: mark) == false,
                "what began at a look-up before the purge stays out")
        }
        if let mark = purged.mark {
            #expect(
                try await store.store(entries[0], for: Self.key(0), unlessPurgedSince: mark),
                "what began at a look-up after the purge is kept")
        }
    }

    func letsPurgesWinUnderConcurrency() async throws {
        let time = ManualTimeSource()
        let store = try await makeStore(time)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for number in 0..<200 {
                        let mark = try await store.purgeMark()
                        let entry = CacheEntry(status: .ok, storedAt: time.now) {
                            $0.tags = ["tag \(number % 5)"]
                            $0.path = "/\(task)"
                        }
                        try await store.store(entry, for: Self.key(number % 40), unlessPurgedSince: mark)
                    }
                }
            }
            group.addTask {
                for number in 0..<100 {
                    try await store.purge(.tag("tag \(number % 5)"), mode: number % 2 == 0 ? .hard : .soft)
                }
            }
            try await group.waitForAll()
        }
        let mark = try await store.purgeMark()
        for number in 0..<5 { try await store.purge(.tag("tag \(number)"), mode: .hard) }
        for number in 0..<40 {
            #expect(
                try await store.entry(for: Self.key(number)) == nil,
                "after stores and purges at once a purge finds every entry")
        }
        let late = CacheEntry(status: .ok, storedAt: time.now) { $0.tags = ["tag 1"] }
        #expect(
            try await store.store(late, for: Self.key(1), unlessPurgedSince: mark) == false,
            "a response that began before a purge is not stored")
    }

    /// Selections, each with the numbers of the entries that it selects.
    private static var selections: [(PurgeSelection, Set<Int>)] {
        [
            (.key(key(0)), [0]),
            (.tag("red"), [0, 1]),
            (.tag("nothing"), []),
            (.url("/cities/1"), [0, 1]),
            (.url("//cities/%31/"), [0, 1]),
            (.url("/cities/1?"), [0, 1]),
            (.url("http://example.test/cities/1?page=2"), [0, 1]),
            (.url("/cities"), [3]),
            (.url(""), []),
            (.prefix("/cities"), [0, 1, 2, 3]),
            (.prefix("/cities/1"), [0, 1, 2]),
            (.prefix("/cities?page=2"), [0, 1, 2, 3]),
            (.prefix("/"), [0, 1, 2, 3, 4, 6, 7, 8]),
            (.prefix(""), []),
            (.prefix("/nowhere"), []),
            // Only the first 32 segments of a prefix are compared.
            (.prefix(deepPath(31)), [6, 7, 8]),
            (.prefix(deepPath(32)), [7, 8]),
            (.prefix(deepPath(33)), [7, 8]),
            (.url(deepPath(33)), [8]),
            (.everything, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ]
    }

    private static func deepPath(_ depth: Int) -> String { String(repeating: "/a", count: depth) }

    private static func entries(at moment: Timestamp) -> [CacheEntry] {
        let places: [(path: String?, tags: [String])] = [
            ("/cities/1", ["red", "blue"]), ("/cities/1", ["red"]), ("/cities/1/districts", ["blue"]),
            ("/cities", ["red wine"]), ("/citiesquare", []), (nil, ["blue"]),
            (deepPath(31), []), (deepPath(32), []), (deepPath(33), []),
        ]
        return places.enumerated().map { number, place in
            CacheEntry(status: .ok, body: ByteBuffer(string: "entry \(number)"), storedAt: moment) {
                $0.tags = place.tags
                $0.path = place.path
            }
        }
    }

    func recordsPurgesIfItSaysSo() async throws {
        let store = try await makeStore(ManualTimeSource())
        guard store.recordsPurges else { return }
        let ledger = PurgeLedger.of(store)
        let count = ledger.count
        _ = try await store.purge(.tag("cities"), mode: .hard)
        #expect(ledger.count > count, "a store with recordsPurges calls recordPurge() in purge(_:mode:)")
    }
}
