import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories

/// Cuts the bytes of an uploaded file into chunks as they arrive.
struct OperationUpload {
    private enum Splitter {
        case json(JSONItemSplitter)
        case csv(CSVSplitter)
    }

    private(set) var request: OperationRequest
    private let fields: FieldSet
    private let settings: Operations.Settings
    private let parameters: CSVSource.Parameters
    private var splitter: Splitter?
    private var chunkCount = 0
    /// Whether the document is an older form of an upsert.
    private var isLegacy = false
    private(set) var itemCount = 0

    init(
        _ request: OperationRequest, _ parameters: CSVSource.Parameters, in fields: FieldSet,
        _ settings: Operations.Settings
    ) {
        (self.request, self.parameters, self.fields, self.settings) = (request, parameters, fields, settings)
    }

    /// Begins with a file.
    ///
    /// - Parameters:
    ///   - format: The format of the file.
    ///   - change: Changes the request by what is known now.
    mutating func start(_ format: UploadFormat, _ change: (inout OperationRequest) throws -> Void) rethrows {
        guard splitter == nil else { return }
        try change(&request)
        switch format {
        case .json, .jsonLines:
            splitter = .json(
                JSONItemSplitter(
                    format == .json ? .array : .lines, pieceItemCount: settings.chunkItemCount,
                    pieceByteCount: settings.chunkByteCount, maximumItemByteCount: settings.chunkByteCount))
        case .csv:
            splitter = .csv(
                CSVSplitter(
                    fields, options: request.csvOptions(fields, parameters), pieceRowCount: settings.chunkItemCount,
                    pieceByteCount: settings.chunkByteCount))
        }
    }

    /// Reads the next bytes of the file, and returns the chunks that are complete.
    mutating func read(_ bytes: ByteBuffer) throws -> [OperationChunk] {
        switch splitter {
        case .json(var json):
            // The splitter has one owner, so its buffers are not copied.
            splitter = nil
            defer { splitter = .json(json) }
            return try chunks(json.read(bytes))
        case .csv(var csv):
            splitter = nil
            defer { splitter = .csv(csv) }
            return try chunks(csv.read(bytes), csv)
        case nil: return []
        }
    }

    /// Ends the file, and returns the last chunks.
    mutating func finish() throws -> [OperationChunk] {
        switch splitter {
        case .json(var json): try chunks(json.finish())
        case .csv(var csv): try chunks(csv.finish(), csv)
        case nil: []
        }
    }

    private mutating func chunks(_ pieces: [JSONPiece]) throws -> [OperationChunk] {
        if let piece = pieces.first, itemCount == 0, piece.itemCount == 1, request.kind.canBeLegacy {
            if let chunk = try legacyChunk(piece) {
                isLegacy = true
                guard pieces.count == 1 else { throw Self.notAlone }
                return [chunk]
            }
        }
        guard !isLegacy || pieces.isEmpty else { throw Self.notAlone }
        let reader = RowJSONReader(fields, options: request.jsonOptions(fields))
        return try pieces.map { piece in
            // What is not JSON is no operation. Wrong values are failures of their items, which the worker finds.
            _ = try reader.readArray(piece.bytes)
            return try chunk(piece.firstIndex, piece.firstLine, piece.itemCount, piece.bytes)
        }
    }

    private static let notAlone = BulkRefusal(
        ProblemDetails(.badRequest, "An object with data and unique_fields must be the whole body."))

    /// Returns the items of the older form of an upsert, or nil if the piece is another item.
    private mutating func legacyChunk(_ piece: JSONPiece) throws -> OperationChunk? {
        var item = piece.bytes
        item.moveReaderIndex(forwardBy: 1)
        item = item.getSlice(at: item.readerIndex, length: item.readableBytes - 1) ?? item
        guard let legacy = try LegacyUpsert(item) else { return nil }
        let upsert = try UpsertFields(unique: legacy.uniqueFields, updating: legacy.updateFields, in: fields)
        request.kind = .upsert(uniqueBy: upsert.unique, updating: upsert.updating)
        let count = try RowJSONReader(fields, options: request.jsonOptions(fields)).readArray(legacy.items).ranges.count
        guard count > 0 else { throw BulkRefusal(ProblemDetails(.badRequest, "Empty data list provided")) }
        return try chunk(0, 1, count, legacy.items)
    }

    private mutating func chunks(_ pieces: [CSVPiece], _ splitter: CSVSplitter) throws -> [OperationChunk] {
        if let dialect = splitter.dialect {
            var parameters = parameters
            // A file of failed rows, whose formulas are guarded.
            if dialect.header.starts(with: CSVFailedRow.columns) { parameters.removesFormulaGuards = true }
            request.format = .csv(CSVSource(parameters, dialect))
        }
        return try pieces.map { try chunk($0.firstIndex, $0.firstLine, $0.rowCount, $0.bytes) }
    }

    private mutating func chunk(
        _ firstIndex: Int, _ firstLine: Int, _ count: Int, _ bytes: ByteBuffer
    ) throws -> OperationChunk {
        itemCount += count
        guard itemCount <= settings.maximumItemCount else {
            var details = ProblemDetails(
                .contentTooLarge, "The operation has more than \(settings.maximumItemCount) items.")
            details.numbers = [("limit", settings.maximumItemCount)]
            details.texts = [("unit", "items")]
            throw BulkRefusal(details)
        }
        defer { chunkCount += 1 }
        return OperationChunk(
            number: chunkCount, firstIndex: firstIndex, firstLine: firstLine, itemCount: count, bytes: bytes)
    }
}

extension OperationRequest.Kind {
    /// Whether a body in the older form of an upsert changes the kind.
    fileprivate var canBeLegacy: Bool {
        switch self {
        case .update, .replace, .upsert: true
        case .create, .delete, .get: false
        }
    }
}
