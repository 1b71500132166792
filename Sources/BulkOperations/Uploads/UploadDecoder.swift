import HTTPPipeline
import HTTPSemantics
import HTTPTypes
import NIOCore

/// Returns the bytes of an uploaded file as those of the request's body arrive.
///
/// ```swift
/// var decoder = try UploadDecoder(request, limits: limits)
/// for try await bytes in body {
///     try decoder.append(bytes)
///     while let content = try decoder.next() { … }
/// }
/// try decoder.finish()
/// ```
///
/// The file is the body, or the part `file` of a form; either may be compressed with gzip. Besides the appended bytes, one buffer of
/// decoded ones and the form fields are in memory.
struct UploadDecoder: ~Copyable {
    /// The limits of uploads.
    struct Limits: Sendable, Hashable {
        /// The maximum size of a body as it is sent, in bytes.
        var sentByteCount = 256 << 20
        /// The maximum size of a decompressed body, in bytes.
        var unpackedByteCount = 1 << 30
        /// The maximum size of a form field, in bytes.
        var formFieldByteCount = 64 << 10
        /// The maximum number of form fields.
        var formFieldCount = 20
    }

    /// What is wrong with files that are not UTF-8, in the words of django-drf-extensions.
    static let encodingDetail = "Invalid file encoding. Please save CSV as UTF-8"

    /// What is wrong with bodies of other media types.
    static let typeDetail =
        "Unsupported content type. Use application/json, application/jsonl, text/csv or multipart/form-data."

    private let limits: Limits
    private let bodyFormat: UploadFormat?
    private let gzip: GzipDecoder?
    private var form: UploadForm?
    private var sentCount = 0
    private var unpackedCount = 0
    /// Appended bytes, unless they are compressed.
    private var pending: ByteBuffer?
    /// Bytes of the file that were not returned yet, in reverse order.
    private var content: [ByteBuffer] = []
    private var refusal: BulkRefusal?

    /// Creates a decoder of the body of a request.
    ///
    /// - Parameters:
    ///   - request: The request. Without a Content-Type, its body is JSON.
    ///   - limits: The limits of the upload.
    /// - Throws: The refusal of another media type or content coding (415), of a form without a boundary (400), and of a body whose
    ///   Content-Length exceeds the limit (413).
    init(_ request: HTTPRequest, limits: Limits = Limits()) throws(BulkRefusal) {
        let type = MediaTypeParameters((request.headerFields[.contentType] ?? "application/json").utf8)
        guard let type else { throw Self.unsupportedType(of: request) }
        let format = UploadFormat(mediaType: type.value)
        guard format != nil || type.value == "multipart/form-data" else { throw Self.unsupportedType(of: request) }
        guard format == nil || type.isUTF8 else {
            throw Self.unsupportedType(of: request, detail: Self.encodingDetail)
        }
        let coding = (request.headerFields[.contentEncoding] ?? "").utf8.trimmingSpaces
        let isGzip = coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("x-gzip")
        guard isGzip || coding.isEmpty || coding.equalsIgnoringCase("identity") else {
            throw BulkRefusal(
                ProblemDetails(
                    .unsupportedMediaType, "Unsupported content encoding. Use gzip or none.",
                    headerFields: [.acceptEncoding: "gzip"]))
        }
        if let length = request.headerFields[.contentLength].flatMap({ Int($0) }) {
            try Self.checkSent(length, limits)
        }
        let form = format == nil ? try UploadForm(boundary: type["boundary"], limits: limits) : nil
        self.init(limits, format, isGzip: isGzip, form)
    }

    private init(_ limits: Limits, _ format: UploadFormat?, isGzip: Bool, _ form: UploadForm?) {
        self.limits = limits
        bodyFormat = format
        gzip = isGzip ? GzipDecoder(maximumByteCount: limits.unpackedByteCount) : nil
        self.form = form
    }

    /// The format of the file, or nil before it is known.
    var format: UploadFormat? { bodyFormat ?? form?.format }

    /// The name of the file as the client sends it, or nil. It must not be used as a path.
    var fileName: String? { form?.fileName }

    /// The texts of the form fields before the file by name.
    var formFields: [String: String] { form?.fields ?? [:] }

    /// The names of the form fields after the file, whose texts are not kept.
    var lateFormFields: Set<String> { form?.lateFields ?? [] }

    /// Adds bytes of the body. Call ``next()`` until it returns nil before the next call.
    ///
    /// - Throws: The refusal of a body above the limit (413).
    mutating func append(_ bytes: ByteBuffer) throws(BulkRefusal) {
        try remember { decoder throws(BulkRefusal) in
            decoder.sentCount += bytes.readableBytes
            try Self.checkSent(decoder.sentCount, decoder.limits)
            if let gzip = decoder.gzip {
                gzip.append(bytes)
            } else if decoder.pending == nil {
                decoder.pending = bytes
            } else {
                decoder.pending?.writeImmutableBuffer(bytes)
            }
        }
    }

    /// Returns the next bytes of the file, or nil if there are none without further bytes of the body.
    ///
    /// - Throws: The refusal of an invalid body (400) and of one above a limit (413), also in every later call.
    /// - Complexity: O(number of consumed and returned bytes).
    mutating func next() throws(BulkRefusal) -> ByteBuffer? {
        try remember { decoder throws(BulkRefusal) in
            while decoder.content.isEmpty {
                guard let bytes = try decoder.nextUnpacked() else { return nil }
                decoder.content = try decoder.form?.read(bytes).reversed() ?? [bytes]
            }
            return decoder.content.popLast()
        }
    }

    /// Adds bytes of the body, and returns those of the file at once. Compressed ones can be a thousand times as many.
    mutating func read(_ bytes: ByteBuffer) throws(BulkRefusal) -> [ByteBuffer] {
        try append(bytes)
        var content: [ByteBuffer] = []
        while let bytes = try next() { content.append(bytes) }
        return content
    }

    /// Ends the body.
    ///
    /// - Throws: The refusal of a body that is not complete, and of a form without a file (400).
    mutating func finish() throws(BulkRefusal) {
        try remember { decoder throws(BulkRefusal) in
            do throws(GzipError) {
                try decoder.gzip?.finish()
            } catch {
                throw BulkRefusal(error)
            }
            try decoder.form?.finish()
        }
    }
}

extension UploadDecoder {
    /// Returns the next bytes of the body without content coding.
    private mutating func nextUnpacked() throws(BulkRefusal) -> ByteBuffer? {
        var bytes = pending
        pending = nil
        do throws(GzipError) {
            if let gzip { bytes = try gzip.next() }
            unpackedCount += bytes?.readableBytes ?? 0
            guard unpackedCount <= limits.unpackedByteCount else { throw .tooLarge(limit: limits.unpackedByteCount) }
        } catch {
            throw BulkRefusal(error)
        }
        return bytes.flatMap { $0.readableBytes > 0 ? $0 : nil }
    }

    private static func checkSent(_ count: Int, _ limits: Limits) throws(BulkRefusal) {
        guard count > limits.sentByteCount else { return }
        throw .tooLarge(
            "The upload has more than \(limits.sentByteCount) bytes.", UploadLimit(limits.sentByteCount, "bytes"))
    }

    /// Throws a refusal of a closure again in every later call.
    private mutating func remember<Result>(
        _ body: (inout UploadDecoder) throws(BulkRefusal) -> Result
    ) throws(BulkRefusal) -> Result {
        if let refusal { throw refusal }
        do throws(BulkRefusal) {
            return try body(&self)
        } catch {
            refusal = error
            content = []
            throw error
        }
    }

    /// The refusal of a media type (415), with the field that names the others.
    private static func unsupportedType(of request: HTTPRequest, detail: String? = nil) -> BulkRefusal {
        let name: HTTPField.Name =
            switch request.method {
            case .post: .acceptPost
            case .patch: .acceptPatch
            default: .accept
            }
        return BulkRefusal(
            ProblemDetails(
                .unsupportedMediaType,
                detail
                    ?? typeDetail,
                headerFields: [name: UploadFormat.mediaTypes.joined(separator: ", ")]))
    }
}

extension HTTPField.Name {
    static let acceptPost = HTTPField.Name("Accept-Post")!
    static let acceptPatch = HTTPField.Name("Accept-Patch")!
}
