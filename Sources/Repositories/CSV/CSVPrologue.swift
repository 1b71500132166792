/// Collects the first bytes of a file up to the end of its header.
///
/// It drops a byte order mark and empty lines, reads a line `sep=;`, and detects UTF-16.
struct CSVPrologue {
    /// The bytes of the header.
    private(set) var bytes: [UInt8] = []
    /// The delimiter of a line `sep=;`.
    private(set) var delimiter: CSVDelimiter?
    /// The physical line on which the header begins.
    private(set) var headerLine = 1
    /// The current physical line.
    private(set) var line = 1
    /// Whether the last byte is a carriage return, whose line feed may follow.
    private(set) var endsWithCarriageReturn = false

    private var byteCount = 0
    private var isQuoted = false
    private var hasDelimiterLine = false
    /// The numbers of delimiters outside of quotes.
    private var delimiterCounts = [Int](repeating: 0, count: CSVDelimiter.allCases.count)
    private let options: CSVRowReader.Options
    private let delimiters: [UInt8]

    init(_ options: CSVRowReader.Options) {
        self.options = options
        delimiters = (options.delimiter.map { [$0] } ?? CSVDelimiter.allCases).map(\.byte)
    }

    /// Consumes bytes up to the end of the header.
    ///
    /// - Returns: Whether the header is complete.
    /// - Throws: ``CSVError`` for a header above a limit and for another encoding.
    mutating func consume(_ window: UnsafeRawBufferPointer, _ index: inout Int) throws(CSVError) -> Bool {
        while index < window.count {
            let byte = window[index]
            index &+= 1
            let followsCarriageReturn = endsWithCarriageReturn
            endsWithCarriageReturn = byte == 0x0D
            byteCount += 1
            if byte == 0x0A, followsCarriageReturn {
                if isQuoted { bytes.append(byte) }
                continue
            }
            if byte == 0x0A || byte == 0x0D {
                line += 1
                if !isQuoted {
                    if try endLine() { return true }
                    continue
                }
            }
            bytes.append(byte)
            try check(byte)
        }
        return false
    }

    /// Ends the file.
    ///
    /// - Returns: Whether there is a header.
    mutating func finish() throws(CSVError) -> Bool {
        try endLine()
    }

    private mutating func check(_ byte: UInt8) throws(CSVError) {
        if byteCount == 2, Self.wideBeginnings.contains(bytes) || bytes.contains(0) { throw CSVError.wideEncoding }
        if byteCount == 3, bytes == [0xEF, 0xBB, 0xBF] { bytes = [] }
        if bytes.count > options.maximumHeaderByteCount {
            throw CSVError(
                "The header has more than \(options.maximumHeaderByteCount) bytes", line: headerLine, isTooLarge: true)
        }
        if byte == UInt8(ascii: "\"") {
            isQuoted.toggle()
        } else if !isQuoted, let delimiter = delimiters.firstIndex(of: byte) {
            delimiterCounts[delimiter] += 1
            // One may be at the end of the line.
            if delimiterCounts[delimiter] > options.maximumColumnCount {
                throw CSVHeader.tooManyColumns(options.maximumColumnCount, line: headerLine)
            }
        }
    }

    /// Ends a line. Returns whether it is the header.
    private mutating func endLine() throws(CSVError) -> Bool {
        if bytes.isEmpty {
            headerLine = line
            return false
        }
        guard !hasDelimiterLine, let text = String(validating: bytes, as: UTF8.self)?.filter({ $0 != "\"" }),
            text.lowercased().hasPrefix("sep="), text.unicodeScalars.count == 5
        else { return true }
        guard let delimiter = CSVDelimiter(rawValue: String(text.suffix(1))) else {
            throw CSVError("The line \(text) has none of the delimiters , ; | and tab", line: headerLine)
        }
        self.delimiter = delimiter
        hasDelimiterLine = true
        bytes = []
        delimiterCounts = delimiterCounts.map { _ in 0 }
        headerLine = line
        return false
    }

    private static let wideBeginnings: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
}
