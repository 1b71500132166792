/// Why a body is not the JSON that a reader accepts.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let message: String

    /// The position of the problem in bytes.
    public let offset: Int

    /// Whether the body exceeds a limit of the reader, in size, rows or depth.
    public let isTooLarge: Bool

    /// The physical line of the problem, counted from 1, or nil if lines were not counted.
    public let line: Int?

    package init(_ message: String, at offset: Int, line: Int? = nil, isTooLarge: Bool = false) {
        self.message = message
        self.offset = offset
        self.line = line
        self.isTooLarge = isTooLarge
    }

    /// The message for a client.
    public var description: String {
        let position = line.map { "line \($0), byte \(offset)" } ?? "byte \(offset)"
        return "JSON parse error - \(message) (\(position))"
    }
}
