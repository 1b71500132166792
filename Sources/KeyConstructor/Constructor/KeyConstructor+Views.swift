package import HTTPPipeline

extension KeyConstructor {
    /// Returns the key with ``UniqueViewIDKeyBit`` in place of ``UniqueMethodIDKeyBit``, which all methods of a view share.
    ///
    /// A memoizing constructor evaluates each bit once for this key and the ordinary key.
    ///
    /// - Throws: The error of an ``AsyncKeyBit``.
    package func viewKey(for exchange: Exchange) async throws -> CacheKey {
        guard let viewBits = storage.viewBits else { return try await key(for: exchange) }
        guard memoizes(exchange) else {
            return try await KeyConstructor(storage: viewBits, isMemoizedForRequest: false).key(for: exchange)
        }
        return try await exchange.memo.value(of: viewBits, for: exchange) {
            let (key, viewKey) = try await keys(for: exchange)
            _ = exchange.memo.value(of: storage, for: exchange) { key }
            return viewKey
        }
    }

    /// Returns the ordinary key and the key without the method, both digested from one text.
    private func keys(for exchange: Exchange) async throws -> (key: CacheKey, viewKey: CacheKey) {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: KeyWriter.scratchSize, alignment: 8)
        defer { scratch.deallocate() }
        var writer = KeyWriter(scratch: scratch, keepsText: true)
        try await writeAwaiting(exchange, to: &writer)
        let methods = writer.methods
        var text = writer.writtenText()
        let view = KeyWriter.text { UniqueViewIDKeyBit().write(exchange, to: &$0) }
        return text.withUTF8 { text in
            var viewDigest = MD5()
            var start = 0
            for method in methods {
                viewDigest.update(
                    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[start..<method.lowerBound]))
                view.utf8.withContiguousStorageIfAvailable { viewDigest.update(UnsafeRawBufferPointer($0)) }
                start = method.upperBound
            }
            viewDigest.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[start...]))
            return (MD5.digest(of: UnsafeRawBufferPointer(text)), viewDigest.finalize())
        }
    }
}
