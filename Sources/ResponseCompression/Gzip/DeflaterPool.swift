import Synchronization

/// A pool of compression states for reuse: creating one costs as much as compressing some kilobytes.
final class DeflaterPool: Sendable {
    private let level: Int
    private let size: Deflater.Size
    private let limit: Int
    private let idle = Mutex<[Deflater]>([])

    /// Creates an empty pool for states of one level and size.
    ///
    /// - Parameters:
    ///   - level: The compression level of the states.
    ///   - size: The memory of the states.
    ///   - limit: The maximum number of unused states that are kept.
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
