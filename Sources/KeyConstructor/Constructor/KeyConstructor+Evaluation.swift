public import HTTPPipeline

extension KeyConstructor {
    /// The key for an exchange.
    ///
    /// Bits that have to be waited for are evaluated one after the other in the order of their names; the rest takes no
    /// suspension and no allocation.
    ///
    /// - Throws: What an ``AsyncKeyBit`` throws.
    public func key(for exchange: Exchange) async throws -> CacheKey {
        if let key = memoized(in: exchange) { return key }
        let awaited = try await awaitedValues(for: exchange)
        let key = KeyWriter.digest { write(exchange, awaited: awaited, to: &$0) }
        memoize(key, in: exchange)
        return key
    }

    /// The key for an exchange, or nil when a bit has to be waited for.
    public func synchronousKey(for exchange: Exchange) -> CacheKey? {
        if let key = memoized(in: exchange) { return key }
        guard storage.asynchronousCount == 0 else { return nil }
        let key = KeyWriter.digest { write(exchange, awaited: [], to: &$0) }
        memoize(key, in: exchange)
        return key
    }

    /// The JSON whose digest is the key, for people and for tests.
    ///
    /// It is computed anew, whatever the request's memo holds.
    ///
    /// - Throws: What an ``AsyncKeyBit`` throws.
    public func explanation(for exchange: Exchange) async throws -> String {
        let awaited = try await awaitedValues(for: exchange)
        return KeyWriter.text { write(exchange, awaited: awaited, to: &$0) }
    }

    private func awaitedValues(for exchange: Exchange) async throws -> [KeyValue] {
        guard storage.asynchronousCount > 0 else { return [] }
        var values: [KeyValue] = []
        values.reserveCapacity(storage.asynchronousCount)
        for named in storage.bits {
            guard case .asynchronous(let bit) = named.bit.kind else { continue }
            values.append(try await bit.value(for: exchange))
        }
        return values
    }

    private func write(_ exchange: Exchange, awaited: [KeyValue], to writer: inout KeyWriter) {
        var awaited = awaited.makeIterator()
        writer.beginObject()
        for named in storage.bits {
            writer.name(encoded: named.encodedName)
            switch named.bit.kind {
            case .synchronous(let bit): bit.write(exchange, to: &writer)
            case .asynchronous: writer.write(awaited.next() ?? .null)
            }
        }
        writer.endObject()
    }
}

extension KeyConstructor {
    /// A key in a request's memo, with what it was computed for besides the constructor.
    private struct MemoizedKey: Sendable {
        let route: Route
        let pathParameters: PathParameters
        let key: CacheKey
    }

    private func memoized(in exchange: Exchange) -> CacheKey? {
        guard isMemoizedForRequest, let memoized: MemoizedKey = exchange.memo.value(of: storage),
            memoized.route == exchange.route, memoized.pathParameters == exchange.pathParameters
        else { return nil }
        return memoized.key
    }

    private func memoize(_ key: CacheKey, in exchange: Exchange) {
        guard isMemoizedForRequest else { return }
        exchange.memo.store(
            MemoizedKey(route: exchange.route, pathParameters: exchange.pathParameters, key: key),
            of: storage
        )
    }
}
