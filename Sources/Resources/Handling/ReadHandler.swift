import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories

/// Reads rows, and writes their representations.
struct ReadHandler: Sendable {
    let mount: ResourceMount

    private var resource: Resource { mount.resource }
    private var fields: FieldSet { mount.fields }

    /// Returns the list or the row that a request asks for.
    func reply(to exchange: Exchange) async throws -> Reply {
        guard let request = exchange.resourceRequest else { throw ResourceError.notFound }
        do {
            let request = try await mount.checkAncestors(of: request)
            return request.action == .list
                ? try await list(request, exchange) : try await row(request, exchange, status: .ok)
        } catch let error as ResourceError {
            // As a reply, so that the cache sees its status.
            return error.reply(to: exchange)
        }
    }

    // MARK: Rows

    /// Returns the representation of the row of a query.
    func row(_ request: ResourceRequest, _ exchange: Exchange, status: HTTPResponse.Status) async throws -> Reply {
        let rows = try await resource.repository(for: exchange).rows(complete(request.query))
        guard !rows.isEmpty else { throw try await mount.absence(of: request, exchange) }
        var buffer = ByteBuffer()
        let names = request.query.fields
        if request.isCSV {
            write(csv: rows, names, to: &buffer)
        } else {
            JSONRowWriter(fields, names: names).write(
                row: 0, of: rows, to: &buffer, extra: uriWriter(rows, exchange))
        }
        var reply = reply(status, buffer, request, exchange)
        if status == .created { reply.headerFields[.location] = path(of: rows, row: 0, exchange) }
        return reply
    }

    /// Adds the fields that are needed besides those of the representation.
    private func complete(_ query: RowQuery) -> RowQuery {
        guard var names = query.fields else { return query }
        var query = query
        let order = resource.settings.pagination.style == .cursor ? query.completeOrder(in: fields).map(\.field) : []
        for name in [fields.key.name] + order where !names.contains(name) { names.append(name) }
        query.fields = names
        return query
    }

    private func write(csv rows: RowBatch, _ names: [String]?, to buffer: inout ByteBuffer) {
        let writer = CSVRowWriter(fields, names: names)
        writer.writeHeader(to: &buffer)
        writer.write(rows, to: &buffer)
    }

    private func reply(
        _ status: HTTPResponse.Status, _ buffer: ByteBuffer, _ request: ResourceRequest, _ exchange: Exchange
    ) -> Reply {
        // A client may keep the response, and validates it before each use: a write is effective at once for browsers too.
        var fields: HTTPFields = [
            .contentType: request.isCSV ? "text/csv; charset=utf-8" : "application/json", .vary: "Accept",
            .cacheControl: "max-age=0, must-revalidate",
        ]
        if resource.settings.languages != nil {
            fields[.vary] = "Accept, Accept-Language"
            fields[.contentLanguage] = exchange.language
        }
        return Reply(status: status, headerFields: fields, body: ReplyBody(buffer))
    }

    // MARK: Lists

    private func list(_ request: ResourceRequest, _ exchange: Exchange) async throws -> Reply {
        let page = request.page
        let query = hiddenOrderFields(complete(request.query))
        let repository = resource.repository(for: exchange)
        let rows = try await repository.rows(query)
        let count = page.countsRows ? try await repository.count(request.query.selection) : nil
        let shown = min(rows.rowCount, page.size)
        if page.number > 1, shown == 0 { throw ResourceError(.notFound, "Invalid page.") }
        let links = links(request, rows, shown: shown, exchange)
        var buffer = ByteBuffer()
        let rowRange = 0..<shown
        if request.isCSV {
            write(csv: rows.prefix(shown, isReversed: page.isBackward), request.query.fields, to: &buffer)
        } else {
            buffer.writeStaticString("{")
            if let count { buffer.writeString("\"count\":\(count),") }
            for (name, link) in [("next", links.next), ("previous", links.previous)] {
                buffer.writeString("\"\(name)\":")
                buffer.writeJSON(link.map { .text($0) } ?? .null)
                buffer.writeStaticString(",")
            }
            buffer.writeStaticString("\"results\":")
            let names = request.query.fields ?? fields.visible.map(\.name)
            let ordered = page.isBackward ? rows.prefix(shown, isReversed: true) : rows
            JSONRowWriter(fields, names: names).write(
                rows: rowRange, of: ordered, to: &buffer, extra: uriWriter(ordered, exchange))
            buffer.writeStaticString("}")
        }
        var reply = reply(.ok, buffer, request, exchange)
        let relations = [("next", links.next), ("prev", links.previous)].compactMap { name, link in
            link.map { "<\($0)>; rel=\"\(name)\"" }
        }
        if !relations.isEmpty { reply.headerFields[.resourceLink] = relations.joined(separator: ", ") }
        return reply
    }

    /// Adds the fields of the order, which a cursor needs, if all visible fields are requested.
    private func hiddenOrderFields(_ query: RowQuery) -> RowQuery {
        guard query.fields == nil, resource.settings.pagination.style == .cursor else { return query }
        let hidden = query.completeOrder(in: fields).map(\.field).filter { fields[$0]?.isVisible != true }
        guard !hidden.isEmpty else { return query }
        var query = query
        query.fields = fields.visible.map(\.name) + hidden
        return query
    }

    private func links(
        _ request: ResourceRequest, _ rows: RowBatch, shown: Int, _ exchange: Exchange
    ) -> (next: String?, previous: String?) {
        let page = request.page
        let hasMore = rows.rowCount > page.size
        let path = String(exchange.request.path?.prefix { $0 != "?" } ?? "")
        func link(_ name: String, _ value: String) -> String {
            let parameters = page.parameters + [.init(name, value)]
            let pairs = parameters.map { "\($0.name.formEncoded)=\($0.value.formEncoded)" }
            return path + "?" + pairs.joined(separator: "&")
        }
        guard resource.settings.pagination.style == .cursor else {
            return (
                hasMore ? link("page", "\(page.number + 1)") : nil,
                page.number > 1 ? link("page", "\(page.number - 1)") : nil
            )
        }
        // The cursors of a reversed query are those of the same rows in the list's order.
        func cursor(_ row: Int, isBackward: Bool) -> String? {
            guard rows.rowCount > row, let values = request.query.cursor(after: row, of: rows, in: fields) else {
                return nil
            }
            return link("cursor", PageCursor(values, isBackward: isBackward).text)
        }
        let isFirst = request.query.after == nil
        if page.isBackward {
            return (cursor(0, isBackward: false), hasMore ? cursor(shown - 1, isBackward: true) : nil)
        }
        return (hasMore ? cursor(shown - 1, isBackward: false) : nil, isFirst ? nil : cursor(0, isBackward: true))
    }

    // MARK: URLs

    private func uriWriter(_ rows: RowBatch, _ exchange: Exchange) -> ((Int, inout JSONMembers) -> Void)? {
        guard let member = resource.settings.uriMember else { return nil }
        let origin =
            exchange.request.authority.map { "\(exchange.request.scheme ?? "http")://\($0.lowercased())" } ?? ""
        return { row, members in
            members.write(member, path(of: rows, row: row, exchange).map { .text(origin + $0) } ?? .null)
        }
    }

    /// Returns the path of a row, below the path of the request's collection.
    private func path(of rows: RowBatch, row: Int, _ exchange: Exchange) -> String? {
        guard let key = rows.value(row: row, field: fields.key.name) else { return nil }
        var path = String(exchange.request.path?.prefix { $0 != "?" } ?? "")
        if path.hasSuffix("/") { path.removeLast() }
        if exchange.resourceRequest?.key != nil, let slash = path.lastIndex(of: "/") {
            path = String(path[..<slash])
        }
        return "\(path)/\(key.pathText)\(resource.settings.hasTrailingSlash ? "/" : "")"
    }
}

extension RowValue {
    /// The value as a part of a path.
    var pathText: String {
        switch self {
        case .null: ""
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .text(let text): text.formEncoded
        }
    }
}

extension String {
    /// The text with every byte percent-encoded that is not unreserved (RFC 3986 section 2.3).
    fileprivate var formEncoded: String {
        var encoded = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%"
                for digit in [byte >> 4, byte & 15] {
                    encoded += String(Unicode.Scalar(digit.hexadecimalDigit)).uppercased()
                }
            }
        }
        return encoded
    }
}

extension RowBatch {
    /// Returns the first rows, in their order or reversed.
    fileprivate func prefix(_ count: Int, isReversed: Bool) -> RowBatch {
        var batch = RowBatch(columns: columns, capacity: count)
        for row in 0..<count {
            for value in values(row: isReversed ? count - 1 - row : row) { batch.append(value) }
        }
        return batch
    }
}

extension HTTPField.Name {
    /// Link (RFC 8288).
    fileprivate static let resourceLink = HTTPField.Name("Link")!
}
