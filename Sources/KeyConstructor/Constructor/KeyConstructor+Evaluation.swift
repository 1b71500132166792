public import HTTPPipeline

extension KeyConstructor {
    /// Returns the key for an exchange.
    ///
    /// Bits are evaluated in the order of their names, asynchronous bits one after the other. Without asynchronous bits the
    /// function neither suspends nor allocates. A memoized constructor evaluates once for all concurrent callers of a
    /// request; the other callers wait.
    ///
    /// - Throws: The error of an ``AsyncKeyBit``.
    public func key(for exchange: Exchange) async throws -> CacheKey {
        if let key = synchronousKey(for: exchange) { return key }
        guard memoizes(exchange) else { return try await awaitedKey(for: exchange) }
        return try await exchange.memo.value(of: storage, for: exchange) { try await awaitedKey(for: exchange) }
    }

    /// Returns the key for an exchange, or nil if a bit has to wait for its value.
    ///
    /// An ``AsyncKeyBit`` has to wait, unless the constructor is memoized and has been evaluated for this request, or the bit is
    /// one of this package whose value is in memory.
    public func synchronousKey(for exchange: Exchange) -> CacheKey? {
        guard memoizes(exchange) else { return digest(for: exchange) }
        if let key = exchange.memoizedValue(of: ObjectIdentifier(storage), as: CacheKey.self) { return key }
        guard storage.isImmediate else { return nil }
        return exchange.memo.immediateValue(of: storage, for: exchange) { digest(for: exchange) }
    }

    /// Returns the JSON whose digest is the key, for diagnostics and tests.
    ///
    /// It ignores the memo of the request and evaluates every bit.
    ///
    /// - Throws: The error of an ``AsyncKeyBit``.
    public func explanation(for exchange: Exchange) async throws -> String {
        guard storage.isAsynchronous else { return KeyWriter.text { write(exchange, to: &$0) } }
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: KeyWriter.scratchSize, alignment: 8)
        defer { scratch.deallocate() }
        var writer = KeyWriter(scratch: scratch, keepsText: true)
        try await writeAwaiting(exchange, to: &writer)
        return writer.writtenText()
    }

    func memoizes(_ exchange: Exchange) -> Bool {
        isMemoizedForRequest ?? exchange.memoizesByDefault
    }

    /// Returns the key, or nil if a bit has to wait.
    private func digest(for exchange: Exchange) -> CacheKey? {
        if let recentKeys = storage.recentKeys {
            return recentKeys.key(for: exchange) { newDigest(for: exchange) }
        }
        guard storage.isImmediate else { return nil }
        if storage.hasUndeclaredInputs {
            let isAvailable = storage.immediateBits.allSatisfy { $0?.bit.isAvailable(for: exchange) ?? true }
            guard isAvailable else { return nil }
        }
        return newDigest(for: exchange)
    }

    private func newDigest(for exchange: Exchange) -> CacheKey? {
        withUnsafeTemporaryAllocation(byteCount: KeyWriter.scratchSize, alignment: 8) { scratch in
            var writer = KeyWriter(scratch: scratch)
            return write(exchange, to: &writer) ? writer.digest() : nil
        }
    }

    private func awaitedKey(for exchange: Exchange) async throws -> CacheKey {
        // A suspended call cannot use stack memory.
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: KeyWriter.scratchSize, alignment: 8)
        defer { scratch.deallocate() }
        var writer = KeyWriter(scratch: scratch)
        try await writeAwaiting(exchange, to: &writer)
        return writer.digest()
    }

    /// Writes the bits without waiting.
    ///
    /// - Returns: Whether no bit has to wait.
    @discardableResult
    private func write(_ exchange: Exchange, to writer: inout KeyWriter) -> Bool {
        let storage = storage
        return storage.prefixes.withUnsafeBytes { prefixes in
            var start = 0
            for index in storage.bits.indices {
                let end = storage.prefixEnds[index]
                writer.prefix(UnsafeRawBufferPointer(rebasing: prefixes[start..<end]))
                start = end
                switch storage.directBits[index] {
                case .uniqueViewID: UniqueViewIDKeyBit().write(exchange, to: &writer)
                case .uniqueMethodID: UniqueMethodIDKeyBit().write(exchange, to: &writer)
                case .format: FormatKeyBit().write(exchange, to: &writer)
                case .language: LanguageKeyBit().write(exchange, to: &writer)
                case .user: UserKeyBit().write(exchange, to: &writer)
                case .scheme: SchemeKeyBit().write(exchange, to: &writer)
                case .host: HostKeyBit().write(exchange, to: &writer)
                case .target: TargetKeyBit().write(exchange, to: &writer)
                case .pathParameters: PathParametersKeyBit.writeAll(exchange.pathParameters.named, to: &writer)
                case .arguments: ArgumentsKeyBit.writeAll(exchange.pathParameters.positional, to: &writer)
                case nil:
                    if case .synchronous(let bit) = storage.bits[index].bit.kind {
                        bit.write(exchange, to: &writer)
                    } else if storage.immediateBits[index]?.bit.writeImmediately(exchange, to: &writer) != true {
                        return false
                    }
                }
            }
            end(&writer)
            return true
        }
    }

    func writeAwaiting(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        var start = 0
        for index in storage.bits.indices {
            let end = storage.prefixEnds[index]
            storage.prefixes.withUnsafeBytes { writer.prefix(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
            start = end
            switch storage.bits[index].bit.kind {
            case .synchronous(let bit): bit.write(exchange, to: &writer)
            case .asynchronous(let bit): try await bit.write(exchange, to: &writer)
            }
        }
        end(&writer)
    }

    private func end(_ writer: inout KeyWriter) {
        if storage.bits.isEmpty { writer.append("{}") } else { writer.append(UInt8(ascii: "}")) }
    }
}
