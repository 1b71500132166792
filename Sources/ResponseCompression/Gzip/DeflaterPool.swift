import Synchronization

/// Keeps compression states for reuse: making one costs as much as compressing some kilobytes.
final class DeflaterPool: Sendable {
    private let level: Int
    private let size: Deflater.Size
    private let limit: Int
    private let idle = Mutex<[Deflater]>([])

    /// Creates a pool.
    ///
    /// - Parameters:
    ///   - level: The level of its states.
    ///   - size: The size of its states.
    ///   - limit: How many states are kept while nobody uses them.
    init(level: Int, size: Deflater.Size, limit: Int = 16) {
        self.level = level
        self.size = size
        self.limit = limit
    }

    func take() -> Deflater {
        idle.withLock { $0.popLast() } ?? Deflater(level: level, size: size)
    }

    func put(_ deflater: Deflater) {
        idle.withLock { idle in
            if idle.count < limit { idle.append(deflater) }
        }
    }
}
