/// Splits the bytes of a CSV text (RFC 4180) into records of cells as they arrive.
///
/// Lines end with LF, CRLF or CR. Cells in quotes may have delimiters, line breaks and doubled quotes. The memory is bounded by the limits:
/// the bytes of a cell above its limit are dropped up to its end. Every byte is looked at once.
struct CSVCursor {
    /// What a cursor accepts.
    struct Limits {
        /// The maximum number of bytes of a cell.
        var cellByteCount: Int
        /// The number of bytes of a record after which the next cells are dropped.
        var recordByteCount: Int
        /// The maximum number of cells that are kept.
        var cellCount: Int
    }

    private enum State {
        case recordStart, cellStart, unquoted, quoted, afterQuote, restOfLine
    }

    /// The maximum number of bytes that one call of ``readRecord(_:from:)`` may be given.
    static let windowByteCount = 64 << 10

    let delimiter: UInt8
    let limits: Limits
    let rejectsStrayQuotes: Bool

    /// The cells of the record, at most as many as the limit.
    private(set) var cells: [CSVCell] = []
    /// The number of cells of the record.
    private(set) var cellCount = 0
    /// The number of cells without quotes around them that have a quote inside.
    private(set) var strayQuoteCount = 0
    /// The current physical line.
    private(set) var line: Int

    private var text: [UInt8] = []
    private var end = 0
    private var state = State.recordStart
    private var cell = CSVCell()
    private var isComplete = false
    /// Positions in the file.
    private var position = 0
    private var lineStart = 0
    private var lastCarriageReturn = -2

    /// Creates a cursor.
    ///
    /// - Parameters:
    ///   - delimiter: The byte between two cells.
    ///   - limits: What is kept.
    ///   - rejectsStrayQuotes: Whether a quote inside a cell that does not begin with one is a problem.
    ///   - line: The physical line of the first byte.
    ///   - followsCarriageReturn: Whether the byte before the first one is a carriage return.
    init(
        delimiter: UInt8, limits: Limits, rejectsStrayQuotes: Bool = false, line: Int = 1,
        followsCarriageReturn: Bool = false
    ) {
        if followsCarriageReturn { lastCarriageReturn = -1 }
        self.delimiter = delimiter
        self.limits = limits
        self.rejectsStrayQuotes = rejectsStrayQuotes
        self.line = line
    }

    /// Whether the bytes so far end with a record or an empty line.
    var isBetweenRecords: Bool { state == .recordStart }

    /// Whether a quote of a cell is open.
    var isInQuotes: Bool { state == .quoted }

    /// The physical line of the cell whose quote is never closed, or nil.
    var unprocessedLine: Int? {
        cells.last.flatMap { $0.problem == .unterminatedQuote ? $0.line : nil }
    }

    /// The number of bytes of the record's text.
    var textByteCount: Int { end }

    /// Calls a closure with the text of the record, in which the cells follow each other.
    @inline(__always)
    func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        text.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
    }

    /// Consumes bytes up to the end of a record.
    ///
    /// - Parameters:
    ///   - bytes: At most ``windowByteCount`` bytes.
    ///   - index: The index of the first byte to consume, then that of the first byte after the record.
    /// - Returns: Whether a record is complete. Otherwise all bytes are consumed, and the record goes on in the next ones.
    mutating func readRecord(_ bytes: UnsafeRawBufferPointer, from index: inout Int) -> Bool {
        if isComplete { startRecord() }
        // Eight more because words are copied before their bytes are examined.
        let capacity = end + bytes.count - index + 8
        if text.count < capacity { text.append(contentsOf: repeatElement(0, count: max(capacity, 4096) - text.count)) }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            let offset = position &+ (index &- start)
            switch state {
            case .recordStart:
                if byte == 0x0A || byte == 0x0D {
                    // The line feed of a CRLF, or an empty line.
                    endLine(byte, at: offset)
                    index &+= 1
                } else {
                    state = .cellStart
                }
            case .cellStart:
                cell.line = line
                cell.column = offset &- lineStart &+ 1
                if byte == UInt8(ascii: "\"") {
                    cell.isQuoted = true
                    state = .quoted
                    index &+= 1
                } else {
                    state = .unquoted
                }
            case .unquoted:
                copyUnquoted(bytes, &index)
                guard index < bytes.count else { break }
                let offset = position &+ (index &- start)
                let byte = bytes[index]
                index &+= 1
                if byte == UInt8(ascii: "\"") {
                    noteStrayQuote()
                } else if endCell(byte, at: offset) {
                    position = offset &+ 1
                    return true
                }
            case .quoted:
                copyQuoted(bytes, &index)
                guard index < bytes.count else { break }
                let offset = position &+ (index &- start)
                let byte = bytes[index]
                index &+= 1
                if byte == UInt8(ascii: "\"") {
                    state = .afterQuote
                } else {
                    append(byte)
                    endLine(byte, at: offset)
                }
            case .afterQuote:
                if byte == UInt8(ascii: "\"") {
                    append(byte)
                    state = .quoted
                } else if byte == delimiter || byte == 0x0A || byte == 0x0D {
                    if endCell(byte, at: offset) {
                        index &+= 1
                        position = offset &+ 1
                        return true
                    }
                } else {
                    append(UInt8(ascii: "\""))
                    append(byte)
                    cell.problem = .textAfterQuote
                    state = .restOfLine
                }
                index &+= 1
            case .restOfLine:
                index &+= 1
                if byte != 0x0A && byte != 0x0D {
                    append(byte)
                } else if endCell(byte, at: offset) {
                    position = offset &+ 1
                    return true
                }
            }
        }
        position &+= index &- start
        return false
    }

    /// Ends the text.
    ///
    /// - Returns: Whether there is a last record, which has no line break.
    mutating func finish() -> Bool {
        if isComplete { startRecord() }
        if state == .recordStart { return false }
        if state == .cellStart {
            cell.line = line
            cell.column = position - lineStart + 1
        }
        if state == .quoted { cell.problem = .unterminatedQuote }
        _ = endCell(0x0A, at: position)
        return true
    }

    private mutating func startRecord() {
        isComplete = false
        cells.removeAll(keepingCapacity: true)
        cellCount = 0
        end = 0
        state = .recordStart
    }
}

// MARK: - Bytes

extension CSVCursor {
    private var cellStart: Int { cells.last?.end ?? 0 }

    /// Copies the bytes before the next delimiter, line break or quote.
    @inline(__always)
    private mutating func copyUnquoted(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) {
        let patterns = (
            ByteSearch.pattern(delimiter), ByteSearch.pattern(0x0A), ByteSearch.pattern(0x0D),
            ByteSearch.pattern(UInt8(ascii: "\""))
        )
        copy(bytes, &index) {
            ByteSearch.mask($0, patterns.0) | ByteSearch.mask($0, patterns.1) | ByteSearch.mask($0, patterns.2)
                | ByteSearch.mask($0, patterns.3)
        }
    }

    /// Copies the bytes before the next quote or line break.
    @inline(__always)
    private mutating func copyQuoted(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) {
        let patterns = (
            ByteSearch.pattern(UInt8(ascii: "\"")), ByteSearch.pattern(0x0A), ByteSearch.pattern(0x0D)
        )
        copy(bytes, &index) {
            ByteSearch.mask($0, patterns.0) | ByteSearch.mask($0, patterns.1) | ByteSearch.mask($0, patterns.2)
        }
    }

    /// Copies the bytes before the first one that a mask has, eight at a time.
    @inline(__always)
    private mutating func copy(
        _ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ mask: (UInt64) -> UInt64
    ) {
        var source = index
        var target = end
        text.withUnsafeMutableBytes { text in
            while bytes.count &- source >= 8 {
                let word = bytes.loadUnaligned(fromByteOffset: source, as: UInt64.self)
                text.storeBytes(of: word, toByteOffset: target, as: UInt64.self)
                let found = mask(UInt64(littleEndian: word))
                if found != 0 {
                    let count = ByteSearch.firstIndex(found)
                    source &+= count
                    target &+= count
                    return
                }
                source &+= 8
                target &+= 8
            }
            while source < bytes.count {
                let byte = bytes[source]
                if mask(UInt64(byte)) & 0xFF != 0 { return }
                text[target] = byte
                source &+= 1
                target &+= 1
            }
        }
        index = source
        end = target
        dropIfTooLong()
    }

    private mutating func append(_ byte: UInt8) {
        text[end] = byte
        end &+= 1
        dropIfTooLong()
    }

    @inline(__always)
    private mutating func dropIfTooLong() {
        let start = cellStart
        guard
            end &- start > limits.cellByteCount || end > limits.recordByteCount && end > start
                || cell.problem == .tooLong
        else { return }
        if cell.problem == nil { cell.problem = .tooLong }
        end = start
    }

    private mutating func noteStrayQuote() {
        append(UInt8(ascii: "\""))
        if !cell.hasStrayQuote { strayQuoteCount &+= 1 }
        cell.hasStrayQuote = true
        if rejectsStrayQuotes, cell.problem == nil { cell.problem = .strayQuote }
    }

    /// Ends the cell before a delimiter or a line break.
    ///
    /// - Returns: Whether the record ends too.
    @inline(__always)
    private mutating func endCell(_ byte: UInt8, at offset: Int) -> Bool {
        cell.end = end
        if cells.count < limits.cellCount {
            cells.append(cell)
        } else {
            end = cellStart
        }
        cellCount &+= 1
        cell = CSVCell()
        if byte == delimiter {
            state = .cellStart
            return false
        }
        endLine(byte, at: offset)
        isComplete = true
        state = .recordStart
        return true
    }

    /// Counts the line that a line feed or a carriage return ends.
    @inline(__always)
    private mutating func endLine(_ byte: UInt8, at offset: Int) {
        let endsCRLF = byte == 0x0A && offset == lastCarriageReturn &+ 1
        if byte == 0x0D { lastCarriageReturn = offset }
        if !endsCRLF { line &+= 1 }
        lineStart = offset &+ 1
    }
}
