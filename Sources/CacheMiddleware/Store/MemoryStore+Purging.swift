import HTTPPipeline
public import KeyConstructor

extension MemoryStore {
    /// Removes the selected entries, or makes them stale, without blocking the caller's executor.
    ///
    /// It holds locks for a bounded number of entries at a time. If more than a few hundred entries are selected, or many have to
    /// be compared with a prefix, it leaves the caller's executor, such as an event loop, and yields between steps. It runs to
    /// completion even if the task is cancelled.
    ///
    /// - Parameters:
    ///   - selection: The entries to purge.
    ///   - mode: The effect on the entries.
    /// - Returns: The number of selected entries.
    /// - Complexity: O(number of entries with the key, tag or path), and O(number of entries) for a prefix and everything.
    @discardableResult
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async -> Int? {
        var purge = begin(selection, mode)
        if purge.advance() { return purge.count }
        return await withTaskExecutorPreference(globalConcurrentExecutor) { [purge] in await Self.finish(purge) }
    }

    /// Removes the selected entries, or makes them stale, synchronously, for callers that cannot wait.
    ///
    /// A purge takes its thread about 2 microseconds for each selected entry, and a purge by prefix 0.2 microseconds for each entry
    /// of the store, so do not call it on an event loop. Other threads can use the store in the meantime: locks are held for a
    /// bounded number of entries at a time.
    ///
    /// - Parameters:
    ///   - selection: The entries to purge.
    ///   - mode: The effect on the entries.
    /// - Returns: The number of selected entries.
    /// - Complexity: As the asynchronous method.
    @discardableResult
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) -> Int {
        var purge = begin(selection, mode)
        while !purge.advance() {}
        return purge.count
    }

    /// Removes the selected entries, or makes them stale: a few hundred before it returns, and the others in a separate task.
    ///
    /// After it returns, the store rejects selected responses whose computation began earlier. It is for changes that are reported
    /// on an event loop, where the order of purges does not matter.
    ///
    /// - Parameters:
    ///   - selection: The entries to purge.
    ///   - mode: The effect on the entries.
    /// - Returns: The task that purges the other entries, or nil if there are none.
    @discardableResult
    package func purgeInBackground(_ selection: PurgeSelection, mode: PurgeMode) -> Task<Void, Never>? {
        var purge = begin(selection, mode)
        if purge.advance() { return nil }
        return Task.detached { [purge] in _ = await Self.finish(purge) }
    }

    /// Removes the entry under `key`, if there is one.
    ///
    /// - Complexity: O(1).
    public func removeEntry(for key: CacheKey) {
        purge(.key(key), mode: .hard)
    }

    /// Removes every entry. The counts of past operations are kept.
    public func removeAll() {
        purge(.everything, mode: .hard)
    }

    /// The largest number of entries that a purge has removed or made stale while it held a lock.
    package var largestPurgeStep: Int { shards.reduce(0) { max($0, $1.largestPurgeStep) } }

    /// Records a purge without performing its first step.
    func begin(_ selection: PurgeSelection, _ mode: PurgeMode) -> MemoryStorePurge {
        let selection = selection.normalized
        let (labelHash, shards): (UInt64, ArraySlice<MemoryStoreShard>) =
            switch selection {
            case _ where selection.isEmpty: (0, [])
            case .key(let key): (0, [shard(of: hasher.hash(key))])
            case .tag(let tag): (hasher.hash(tag: tag), self.shards[...])
            case .url(let path): (hasher.hash(path: path), self.shards[...])
            case .prefix, .everything: (0, self.shards[...])
            }
        // Recorded before anything is removed, see PurgeLog.
        log.append(selection)
        let sweep = PurgeSweep(selection: selection, labelHash: labelHash, mode: mode, moment: timeSource.now)
        return MemoryStorePurge(sweep, of: shards)
    }

    @concurrent
    private static func finish(_ purge: MemoryStorePurge) async -> Int {
        var purge = purge
        while !purge.advance() { await Task.yield() }
        return purge.count
    }
}
