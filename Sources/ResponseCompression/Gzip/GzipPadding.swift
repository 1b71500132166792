/// A text of random length that hides the exact size of a response's content.
///
/// The gzip header has it as a file name, which every decoder skips.
final class GzipPadding: Sendable {
    private let limit: Int
    // Written once, before the object is shared, and only read afterwards.
    nonisolated(unsafe) private let text: UnsafeMutablePointer<UInt8>

    /// Allocates a padding text of the maximum length.
    ///
    /// - Parameter limit: The maximum length, in bytes.
    init(upTo limit: Int) {
        self.limit = limit
        text = .allocate(capacity: limit + 1)
        text.initialize(repeating: UInt8(ascii: "x"), count: limit)
        (text + limit).initialize(to: 0)
    }

    deinit {
        text.deallocate()
    }

    /// Returns a text that ends with a zero byte, of a random length up to the limit. It is valid as long as this
    /// object exists.
    func random() -> UnsafePointer<UInt8> {
        UnsafePointer(text + Int.random(in: 0...limit))
    }
}
