/// A text of a random length, so that the size of an answer does not tell what is in it.
///
/// It stands in the head of the gzip format as the name of a file, where every decoder skips it.
final class GzipPadding: Sendable {
    private let limit: Int
    // Written once, before anybody else has this object, and only read from then on.
    nonisolated(unsafe) private let text: UnsafeMutablePointer<UInt8>

    /// Creates the padding.
    ///
    /// - Parameter limit: The largest length, in bytes.
    init(upTo limit: Int) {
        self.limit = limit
        text = .allocate(capacity: limit + 1)
        text.initialize(repeating: UInt8(ascii: "x"), count: limit)
        (text + limit).initialize(to: 0)
    }

    deinit {
        text.deallocate()
    }

    /// A text that ends with a zero byte, of any length up to the limit. It lives as long as this object.
    func random() -> UnsafePointer<UInt8> {
        UnsafePointer(text + Int.random(in: 0...limit))
    }
}
