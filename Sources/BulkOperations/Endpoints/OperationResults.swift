import HTTPPipeline
import HTTPSemantics
import HTTPTypes
import NIOCore
import Repositories

/// What happened with each item of an operation, in the order of the items.
struct OperationResults: Sendable {
    /// Which items.
    enum Outcome: String, CaseIterable, Sendable {
        case failed, succeeded, unprocessed
    }

    /// An item and what happened with it.
    struct Entry {
        let index: Int
        let json: ByteBuffer
    }

    private let operations: Operations
    private let operation: BulkOperation

    init(_ operations: Operations, _ operation: BulkOperation) {
        (self.operations, self.operation) = (operations, operation)
    }

    private static let csv = FormatNegotiation.Format(name: "csv", mediaType: "text/csv")
    private static let formatsOfJSON = FormatNegotiation([
        .init(name: "json", mediaType: "application/json"), .init(name: "jsonl", mediaType: "application/jsonl"),
    ])
    /// The formats of results, the preferred one first. CSV is offered for items that were sent as CSV.
    static let formats = FormatNegotiation(formatsOfJSON.offered + [csv])

    func reply(to exchange: Exchange) async throws -> Reply {
        let query = exchange.queryParameters
        guard let outcome = Outcome(rawValue: query["outcome"] ?? "failed") else {
            throw FieldErrors(field: "outcome", "Expected one of \"failed\", \"succeeded\" and \"unprocessed\".")
        }
        let (accept, name) = (exchange.request.headerFields[.accept], query["format"])
        let format: FormatNegotiation.Format
        switch operation.request.format {
        case .json: format = try Self.formatsOfJSON.format(accept: accept, query: name)
        case .csv(let source):
            format = try Self.formats.format(accept: accept, query: name)
            if format == Self.csv {
                return file(outcome, "csv", header: header(of: source, outcome)) { lines, items in
                    items.writeLines(to: &lines)
                }
            }
        }
        return format.name == "jsonl"
            ? file(outcome, "jsonl", Self.writeLines) : try await page(outcome, query)
    }

    // MARK: Pages

    /// Returns a page of entries, with the index from which the next one begins.
    private func page(_ outcome: Outcome, _ query: QueryParameters) async throws -> Reply {
        let size =
            try query.number("page_size", in: OperationRouteParameter.resultSizes.range)
            ?? OperationRouteParameter.resultSizes.default
        let start = try query.number("from", in: 0 ... .max) ?? 0
        let (entries, nextIndex) = try await entries(outcome, from: start, limit: size)
        var body = ByteBuffer()
        var fields: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store", .vary: "Accept"]
        var next: String?
        if let nextIndex {
            next =
                operations.path(of: operation.id, "results")
                + "?outcome=\(outcome.rawValue)&page_size=\(size)&from=\(nextIndex)"
            fields[.link] = "<\(next ?? "")>; rel=\"next\""
        }
        body.writeObject { members in
            members.write("next", next.map { .text($0) } ?? .null)
            members.write("results") { $0.writeArray(entries) { $1.writeImmutableBuffer($0.json) } }
        }
        return Reply(status: .ok, headerFields: fields, body: ReplyBody(body))
    }

    /// The number of bytes after which a page ends: an item may be as large as a chunk.
    private static let pageByteCount = 4 << 20

    /// Returns entries as JSON, and the index of the first one that is left, if there is one.
    ///
    /// - Throws: The errors of the queue.
    func entries(
        _ outcome: Outcome, from start: Int, limit: Int
    ) async throws -> (entries: [Entry], next: Int?) {
        var entries: [Entry] = []
        var byteCount = 0
        var query = query(outcome, from: start)
        while hasEntries(outcome), let record = try await operations.queue.parts(query).first {
            query.firstIndex = record.part.firstIndex + record.part.items.count
            let items = try PartItems(record, outcome, operation.request)
            for item in items.selected where item >= start {
                guard entries.count < limit, byteCount < Self.pageByteCount else { return (entries, item) }
                let json = items.json(of: item)
                byteCount += json.readableBytes
                entries.append(Entry(index: item, json: json))
            }
            // The only part: rows that filters selected.
            if record.part.items.isEmpty { break }
        }
        return (entries, nil)
    }

    private func query(_ outcome: Outcome, from start: Int) -> PartQuery {
        var query = PartQuery(of: operation.id)
        query.firstIndex = start
        query.hasFailures = outcome == .failed
        query.includesItems = true
        return query
    }

    // MARK: Files

    /// Returns a file with all entries, which is read from the queue while it is sent.
    private func file(
        _ outcome: Outcome, _ fileExtension: String, header: ByteBuffer = ByteBuffer(),
        _ write: @escaping @Sendable (inout ByteBuffer, PartItems) -> Void
    ) -> Reply {
        let type = fileExtension == "csv" ? "text/csv; charset=utf-8" : "application/jsonl"
        let name = "\(operation.id)-\(outcome.rawValue).\(fileExtension)"
        let fields: HTTPFields = [
            .contentType: type, .cacheControl: "no-store", .vary: "Accept",
            .contentDisposition: "attachment; filename=\"\(name)\"",
        ]
        let body = ReplyBody { writer in
            if header.readableBytes > 0 { try await writer.write(header) }
            var query = query(outcome, from: 0)
            while hasEntries(outcome), let record = try await operations.queue.parts(query).first {
                query.firstIndex = record.part.firstIndex + record.part.items.count
                var lines = ByteBuffer()
                write(&lines, try PartItems(record, outcome, operation.request))
                if lines.readableBytes > 0 { try await writer.write(lines) }
                if record.part.items.isEmpty { break }
            }
            // Without the end of the body, the client notices that the file is not complete.
            guard try await operations.queue.operation(operation.id) != nil else { throw OperationExpired() }
            try await Self.finish(writer)
        }
        return Reply(status: .ok, headerFields: fields, body: body)
    }

    private static func finish(_ writer: consuming any BodyWriter) async throws { try await writer.finish(nil) }

    private static func writeLines(to lines: inout ByteBuffer, _ items: PartItems) {
        for index in items.selected {
            lines.writeImmutableBuffer(items.json(of: index))
            lines.writeStaticString("\n")
        }
    }

    private func header(of source: CSVSource, _ outcome: Outcome) -> ByteBuffer {
        var header = ByteBuffer()
        if outcome == .failed {
            CSVFailedRow.writeHeader(of: source.dialect.header, to: &header)
        } else {
            CSVRecord.writeHeader(source.dialect.header, to: &header)
        }
        return header
    }

    /// Whether an item can have an outcome: no chunk is read for the unprocessed items of an operation that has processed all.
    private func hasEntries(_ outcome: Outcome) -> Bool {
        outcome != .unprocessed || operation.counts.processed < operation.counts.total
    }
}

/// The error of an operation that expired while its results were sent.
struct OperationExpired: Error {}

extension ChunkPart {
    /// The index of the first item in the operation.
    var firstIndex: Int { chunk.firstIndex + items.lowerBound }
}

extension QueryParameters {
    /// Returns the value of a parameter that is a number, or nil without one.
    func number(_ name: String, in range: ClosedRange<Int>) throws(FieldErrors) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw FieldErrors(
                field: name, "A valid integer from \(range.lowerBound) to \(range.upperBound) is required.")
        }
        return number
    }
}
