import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

@Suite struct PurgeLogTests {
    static let key = CacheKey(digestOf: "key")
    static let entry = CacheEntry(
        status: .ok, storedAt: Timestamp(nanoseconds: 0), tags: ["red", "blue"], path: "/cities/7/districts?page=2")

    @Test(
        arguments: [
            .key(key), .tag("blue"), .url("/cities/7/districts?page=2"), .prefix("/"), .prefix("/cities"),
            .prefix("/cities/7"),
            .prefix("/cities/7/districts"), .prefix("/cities/7/districts?page=2"), .everything,
        ] as [PurgeSelection])
    func `A purge since the mark that selects the entry is found`(selection: PurgeSelection) {
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
            .key(CacheKey(digestOf: "other")), .tag("green"), .url("/cities/7/districts"), .prefix("/citi"),
            .prefix("/cities/7/districts/1"), .prefix("/cities/7?page=2"),
        ] as [PurgeSelection])
    func `A purge that does not select the entry is none to it`(selection: PurgeSelection) {
        for others in [0, 100] {
            let log = PurgeLog()
            let mark = log.mark
            for number in 0..<others { log.append(.prefix("/other/\(number)")) }
            log.append(selection)
            #expect(!log.hasPurged(Self.entry, under: Self.key, since: mark))
        }
    }

    @Test func `What began before purges that are forgotten is refused`() {
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

    @Test func `A purge that is repeated outlives its first time`() {
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

    @Test func `Many purges and many tags are looked up, not compared`() {
        let log = PurgeLog()
        let mark = log.mark
        for number in 0..<4000 { log.append(.tag("purged \(number)")) }
        var entry = Self.entry
        entry.tags = (0..<100).map { "tag \($0)" }
        #expect((0..<1000).allSatisfy { _ in !log.hasPurged(entry, under: Self.key, since: mark) })
    }
}
