import CacheMiddleware
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// Asks a store for the keys of a trace, and stores each that it does not find.
struct Replay {
    enum Limit {
        case bytes(Int)
        case entries(Int)
    }

    let limit: Limit

    func run() {
        let store =
            switch limit {
            case .bytes(let count): MemoryStore(byteLimit: count)
            case .entries(let count): MemoryStore(entryLimit: count)
            }
        let now = SystemTimeSource().now
        var requests = 0
        var hits = 0
        while let line = readLine() {
            let fields = line.split(separator: " ")
            guard let text = fields.first else { continue }
            let key = CacheKey(digestOf: String(text))
            requests += 1
            if store.entry(for: key) != nil {
                hits += 1
            } else {
                let size = fields.count > 1 ? Int(fields[1]) ?? 0 : 0
                let body = size > 0 ? ByteBuffer(repeating: 0, count: size) : ByteBuffer()
                store.store(CacheEntry(status: .ok, body: body, storedAt: now), for: key)
            }
        }
        let ratio = requests > 0 ? Double(hits) / Double(requests) : 0
        print("requests \(requests) hits \(hits) ratio \(String(format: "%.5f", ratio))")
    }
}
