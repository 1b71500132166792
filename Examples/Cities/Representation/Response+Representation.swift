import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// Creates a response with a value in the format of the request.
    init(
        _ value: some Representation,
        for context: CitiesRequestContext,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) throws {
        if context.format == "csv" {
            self.init(csv: value, status: status, headers: headers)
        } else {
            try self.init(json: value, status: status, headers: headers)
        }
    }

    /// Creates a response with a value as JSON.
    init(json value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws {
        let encoder = JSONEncoder()
        // A strong entity tag requires identical bytes, so the members have a fixed order.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var headers = headers
        headers[.contentType] = "application/json"
        let body = ByteBuffer(bytes: try encoder.encode(value))
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    private init<Value: Representation>(csv value: Value, status: HTTPResponse.Status, headers: HTTPFields) {
        var writer = CSVWriter()
        writer.write(Value.csvHeader)
        for row in value.csvRows { writer.write(row) }
        var headers = headers
        headers[.contentType] = "text/csv; charset=utf-8"
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: writer.text)))
    }
}
