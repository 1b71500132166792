import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

@Suite struct PurgeLogTests {
    static let key = CacheKey(digestOf: "key")
    static let entry = CacheEntry(status: .ok, storedAt: Timestamp(nanoseconds: 0)) {
        $0.tags = ["red", "blue"]
        $0.path = "/cities/7/districts"
    }

    @Test(
        arguments: [
            .key(key), .tag("blue"), .url("/cities/7/districts"), .prefix("/"), .prefix("/cities"),
            .prefix("/cities/7"),
            .prefix("/cities/7/districts"), .everything,
        ] as [PurgeSelection])
    func `A later purge that selects the entry is found`(selection: PurgeSelection) {
        // Later than the mark.
        for others in [0, 100] {
            let log = PurgeLog()
            let mark = log.mark
            for number in 0..<others { log.append(.prefix("/other/\(number)")) }
            log.append(selection)
            #expect(log.hasPurged(Self.entry, under: Self.key, since: mark))
            #expect(!log.hasPurged(Self.entry, under: Self.key, since: log.mark))
            #expect(!log.hasPurged(Self.entry, under: Self.key, since: nil))
        }
    }

    @Test(
        arguments: [
            .key(CacheKey(digestOf: "other")), .tag("green"), .url("/cities/7"), .prefix("/citi"),
            .prefix("/cities/7/districts/1"), .url(""), .prefix(""),
        ] as [PurgeSelection])
    func `A purge that does not select the entry is ignored`(selection: PurgeSelection) {
        for others in [0, 100] {
            let log = PurgeLog()
            let mark = log.mark
            for number in 0..<others { log.append(.prefix("/other/\(number)")) }
            log.append(selection)
            #expect(!log.hasPurged(Self.entry, under: Self.key, since: mark))
        }
    }

    @Test func `A mark older than the forgotten purges is refused`() {
        let log = PurgeLog(capacity: 10)
        let mark = log.mark
        for number in 0..<10 { log.append(.tag("\(number)")) }
        #expect(!log.hasPurged(Self.entry, under: Self.key, since: mark))
        log.append(.tag("10"))
        #expect(log.hasPurged(Self.entry, under: Self.key, since: mark))
        #expect(!log.hasPurged(Self.entry, under: Self.key, since: PurgeMark(rawValue: 1)))
    }

    @Test func `Long tags fill the log sooner`() {
        let log = PurgeLog(byteLimit: 1000)
        let mark = log.mark
        for number in 0..<20 { log.append(.tag("\(number)" + String(repeating: "x", count: 100))) }
        #expect(log.hasPurged(Self.entry, under: Self.key, since: mark))
        #expect(!log.hasPurged(Self.entry, under: Self.key, since: PurgeMark(rawValue: 15)))
    }

    @Test func `A repeated purge outlives its first record`() {
        let log = PurgeLog(capacity: 10)
        log.append(.tag("red"))
        for number in 0..<8 { log.append(.tag("\(number)")) }
        let mark = log.mark
        log.append(.tag("red"))
        for number in 0..<8 { log.append(.tag("\(number)")) }
        #expect(log.hasPurged(Self.entry, under: Self.key, since: mark))
    }

    @Test func `The mark of another store is refused`() {
        #expect(PurgeLog().hasPurged(Self.entry, under: Self.key, since: PurgeMark(rawValue: 7)))
    }

    @Test func `Many purges and tags are looked up, not compared`() {
        let log = PurgeLog()
        let mark = log.mark
        for number in 0..<4000 { log.append(.tag("purged \(number)")) }
        var entry = Self.entry
        entry.tags = (0..<100).map { "tag \($0)" }
        #expect((0..<1000).allSatisfy { _ in !log.hasPurged(entry, under: Self.key, since: mark) })
    }

    @Test func `Forgotten prefixes purge nothing`() {
        let log = PurgeLog(capacity: 2)
        log.append(.prefix("/cities"))
        log.append(.prefix("/cities"))
        log.append(.prefix("/c"))
        let mark = log.mark
        log.append(.prefix("/cities/7"))
        #expect(log.hasPurged(Self.entry, under: Self.key, since: mark))
        let later = log.mark
        for number in 0..<2 { log.append(.tag("\(number)")) }
        #expect(!log.hasPurged(Self.entry, under: Self.key, since: later))
    }

    @Test(arguments: [1, 31, 32, 33, 40])
    func `A prefix purges by its first segments`(depth: Int) {
        func path(_ count: Int) -> String { (0..<count).map { "/\($0)" }.joined() }
        let log = PurgeLog()
        let mark = log.mark
        let selection = PurgeSelection.prefix(path(depth)).normalized
        log.append(selection)
        for length in [30, 31, 32, 33, 50] {
            var entry = Self.entry
            entry.path = path(length)
            let isPurged = length >= min(depth, 32)
            #expect(selection.selects(entry, under: Self.key) == isPurged)
            #expect(log.hasPurged(entry, under: Self.key, since: mark) == isPurged)
        }
    }

    @Test func `A long path is looked up by its first segments`() {
        let path = CacheEntry.normalizedPath(String(repeating: "/a", count: 100_000))
        #expect(path.purgePrefixes.count == 33)
        #expect(path.purgePrefixes.last?.utf8.count == 64)
    }

    @Test func `Purges compare texts by their bytes`() {
        var entry = Self.entry
        (entry.tags, entry.path) = (["caf\u{E9}"], "/caf\u{E9}")
        let log = PurgeLog()
        let mark = log.mark
        for selection in [PurgeSelection.tag("cafe\u{301}"), .url("/cafe\u{301}"), .prefix("/cafe\u{301}")] {
            log.append(selection)
            #expect(!selection.selects(entry, under: Self.key))
        }
        #expect(!log.hasPurged(entry, under: Self.key, since: mark))
    }
}
