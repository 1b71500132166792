import CacheMiddleware
import Foundation
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore

/// Looks up the keys of a trace in a store, and stores each miss.
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
            guard let (text, size) = Self.fields(of: line) else {
                FileHandle.standardError.write(
                    Data("line \(requests + 1) is neither a key nor a key and a size: \(line)\n".utf8))
                exit(2)
            }
            let key = CacheKey(digestOf: text)
            requests += 1
            if store.entry(for: key) != nil {
                hits += 1
            } else {
                let body = size > 0 ? ByteBuffer(repeating: 0, count: size) : ByteBuffer()
                store.store(CacheEntry(status: .ok, body: body, storedAt: now), for: key)
            }
        }
        let ratio = requests > 0 ? Double(hits) / Double(requests) : 0
        print("requests \(requests) hits \(hits) ratio \(String(format: "%.5f", ratio))")
    }

    /// Returns the key of a line and its size, which is 0 by default; nil for an invalid size.
    private static func fields(of line: String) -> (key: String, size: Int)? {
        guard let space = line.utf8.firstIndex(of: UInt8(ascii: " ")) else { return (line, 0) }
        guard let size = Int(line[line.utf8.index(after: space)...]), size >= 0 else { return nil }
        return (String(line[..<space]), size)
    }
}
