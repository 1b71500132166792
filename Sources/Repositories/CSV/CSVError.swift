/// Why a file is not CSV that a reader accepts. Problems of single rows are reported as ``CSVFailedRow`` instead.
public struct CSVError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, for the client.
    public let message: String

    /// The physical line of the problem, counted from 1, or nil if it is about the whole file.
    public let line: Int?

    /// Whether the file exceeds a limit of the reader.
    public let isTooLarge: Bool

    init(_ message: String, line: Int? = nil, isTooLarge: Bool = false) {
        self.message = message
        self.line = line
        self.isTooLarge = isTooLarge
    }

    /// The message, with the line if there is one.
    public var description: String {
        line.map { "\(message) (line \($0))" } ?? message
    }

    static let invalidEncoding = CSVError("Invalid file encoding. Please save CSV as UTF-8")
    static let wideEncoding = CSVError("Invalid file encoding. Please save CSV as UTF-8, not UTF-16")
    package static let noRows = CSVError("CSV file contains no valid data rows")
}
