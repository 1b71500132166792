#if FlyingFox
import FlyingFox
import FlyingSocks
import Foundation
import HTTPPipeline
import HTTPTypes
import NIOCore

extension Reply {
    init(_ response: FlyingFox.HTTPResponse) {
        self.init(
            status: .init(code: response.statusCode.code, reasonPhrase: response.statusCode.phrase),
            headerFields: HTTPFields(response.headers),
            body: ReplyBody(.stream(FlyingFoxBody(payload: response.payload))))
    }

    /// Returns the response for FlyingFox, which adds a Content-Length to bodies of known size but knows nothing of HEAD.
    ///
    /// - Throws: The error whose rendering this reply is.
    func response(to request: FlyingFox.HTTPRequest) throws -> FlyingFox.HTTPResponse {
        if let error = thrownError, !(error is StoredError) { throw error }
        let code = HTTPStatusCode(status.code, phrase: status.reasonPhrase)
        var response = FlyingFox.HTTPResponse(statusCode: code, headers: HTTPHeaders(headerFields))
        if request.method == .HEAD {
            if response.headers[.contentLength] == nil {
                response.headers[.contentLength] = body.contentLength.map { "\($0)" }
            }
            return response
        }
        switch body.content {
        case .empty: break
        case .buffer(let buffer):
            response.payload = .httpBody(
                HTTPBodySequence(data: Data(buffer.readableBytesView), suggestedBufferSize: 65_536))
        case .stream(let own as FlyingFoxBody): response.payload = own.payload
        case .stream:
            let read = ReadBody(buffers: body.buffers)
            response.payload = .httpBody(
                body.contentLength.map { HTTPBodySequence(from: read, count: $0) } ?? HTTPBodySequence(from: read))
        }
        return response
    }
}

/// The body of a FlyingFox response in a pipeline.
struct FlyingFoxBody: StreamingBody {
    let payload: FlyingFox.HTTPResponse.Payload

    var contentLength: Int? {
        if case .httpBody(let body) = payload { body.count } else { nil }
    }

    func write(to writer: consuming any BodyWriter) async throws {
        guard case .httpBody(let body) = payload else { return try await writer.finish(nil) }
        for try await data in body {
            var buffer = ByteBuffer(bytes: data)
            // FlyingFox itself encodes a body without a count, one whole chunk (RFC 9112 section 7.1) at a time.
            if body.count == nil, let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                buffer = buffer.getSlice(at: end + 1, length: buffer.writerIndex - end - 3) ?? ByteBuffer()
            }
            if buffer.readableBytes > 0 { try await writer.write(buffer) }
        }
        try await writer.finish(nil)
    }
}

/// Buffers as a body that FlyingFox reads.
struct ReadBody: AsyncBufferedSequence {
    typealias Element = UInt8

    struct AsyncIterator: AsyncBufferedIteratorProtocol {
        var buffers: any AsyncIteratorProtocol<ByteBuffer, any Error>
        var rest = ByteBuffer()

        mutating func nextBuffer(suggested count: Int) async throws -> ByteBufferView? {
            while rest.readableBytes == 0 {
                guard let next = try await buffers.next(isolation: nil) else { return nil }
                rest = next
            }
            return rest.readSlice(length: Swift.min(count, rest.readableBytes))?.readableBytesView
        }

        mutating func next() async throws -> UInt8? { try await nextBuffer(suggested: 1)?.first }
    }

    let buffers: RequestBody.Stream

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(buffers: buffers.makeAsyncIterator()) }
}
#endif
