import CacheMiddleware
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// Stores entries of 1 to 20 KiB and compares the memory of the process with the store's limit.
///
/// The entries resemble those of an API: a body, five fields, a URL and tags, half of them with a lifetime. Between two of
/// them another is looked up, and occasionally a tag is purged.
struct Churn {
    let byteLimit: Int
    let inserts: Int

    func run() {
        let store = MemoryStore(byteLimit: byteLimit)
        var generator = SeededGenerator(seed: 20_261_122)
        let start = ProcessMemory.resident
        let begin = ContinuousClock.now
        let content = ByteBuffer(repeating: 65, count: 20 << 10)
        var peak = 0
        for number in 0..<inserts {
            store.store(entry(number, content, &generator), for: CacheKey(digestOf: "key \(number)"))
            let earlier = number - Int.random(in: 0..<50_000, using: &generator)
            _ = store.entry(for: CacheKey(digestOf: "key \(earlier)"))
            if number % 10_000 == 9_999 { store.purge(.tag("group \(number % 500)"), mode: .hard) }
            guard number % max(1, inserts / 20) == max(1, inserts / 20) - 1 else { continue }
            let resident = ProcessMemory.resident
            peak = max(peak, resident)
            report("after \(number + 1) inserts", resident, store.statistics.byteCount)
        }
        let seconds = (ContinuousClock.now - begin).components.seconds
        report("peak of these", peak, store.statistics.byteCount)
        report("peak of all (VmHWM)", ProcessMemory.peak, store.statistics.byteCount)
        print("\(inserts) inserts in \(seconds) s; \(start >> 20) MiB before the first; \(store.statistics)")
        exit(Double(ProcessMemory.peak) <= 1.25 * Double(byteLimit) ? 0 : 1)
    }

    private func entry(_ number: Int, _ content: ByteBuffer, _ generator: inout SeededGenerator) -> CacheEntry {
        let size = Int.random(in: (1 << 10)...(20 << 10), using: &generator)
        let now = SystemTimeSource().now
        let fields: HTTPFields = [
            .contentType: "application/json; charset=utf-8", .cacheControl: "public, max-age=60",
            .eTag: "\"\(CacheKey(digestOf: "tag \(number)"))\"", .contentLanguage: "en",
            .lastModified: "Sun, 22 Nov 2026 08:49:37 GMT",
        ]
        return CacheEntry(
            status: .ok, headerFields: fields, body: ByteBuffer(bytes: content.readableBytesView.prefix(size)),
            storedAt: now
        ) {
            $0.expiresAt = number % 2 == 0 ? now + .seconds(Int.random(in: 1...30, using: &generator)) : nil
            $0.tags = ["collection", "group \(number % 500)", "a longer tag of entry \(number)"]
            $0.path = "/cities/\(number)/districts?page=2"
        }
    }

    private func report(_ what: String, _ resident: Int, _ counted: Int) {
        let ratio = String(format: "%.3f", Double(resident) / Double(byteLimit))
        print("\(what): \(resident >> 20) MiB resident, \(ratio) of the limit; \(counted >> 20) MiB counted")
    }
}
