import HTTPPipeline
import HTTPSemantics
import NIOCore

/// The parts of a form with a file in the part `file`, and fields before and after it.
struct UploadForm {
    private enum Part {
        case none
        case file
        case field
    }

    /// The format of the file, or nil before its part.
    private(set) var format: UploadFormat?
    /// The name of the file as the client sends it, or nil. It must not be used as a path.
    private(set) var fileName: String?
    /// The texts of the fields before the file by name.
    private(set) var fields: [String: String] = [:]
    /// The names of the fields after the file.
    private(set) var lateFields: Set<String> = []

    private var reader: MultipartReader
    private var part = Part.none
    private var fieldName = ""
    private var fieldBytes = ByteBuffer()
    private let limits: UploadDecoder.Limits

    /// Creates a reader of one form.
    init(boundary: String?, limits: UploadDecoder.Limits) throws(BulkRefusal) {
        self.limits = limits
        guard let boundary else { throw .badUpload("Multipart parse error - The Content-Type has no boundary") }
        do throws(MultipartError) {
            reader = try MultipartReader(boundary: boundary)
        } catch {
            throw BulkRefusal(error)
        }
    }

    /// Reads the next bytes of the form.
    ///
    /// - Returns: The bytes of the file among them.
    /// - Throws: The refusal of an invalid form.
    mutating func read(_ bytes: ByteBuffer) throws(BulkRefusal) -> [ByteBuffer] {
        let events: [MultipartReader.Event]
        do throws(MultipartError) {
            events = try reader.read(bytes)
        } catch {
            throw BulkRefusal(error)
        }
        var content: [ByteBuffer] = []
        for event in events {
            switch event {
            case .part(let name, let fileName, let contentType): try begin(name, fileName, contentType)
            case .bytes(let bytes):
                switch part {
                case .file: content.append(bytes)
                case .field: try append(bytes)
                case .none: break
                }
            case .end: try endPart()
            }
        }
        return content
    }

    /// Ends the form.
    ///
    /// - Throws: The refusal of a form that is not complete or has no file.
    func finish() throws(BulkRefusal) {
        do throws(MultipartError) {
            try reader.finish()
        } catch {
            throw BulkRefusal(error)
        }
        guard format != nil else { throw Self.noFile }
    }

    private static let noFile = BulkRefusal.badUpload("No file provided. Expected 'file' in form data")

    private mutating func begin(_ name: String, _ fileName: String?, _ contentType: String?) throws(BulkRefusal) {
        guard name.hasBytes(of: "file") else {
            // A file in another part would be a field that is too large.
            if let fileName, !fileName.isEmpty, format == nil { throw Self.noFile }
            guard name.utf8.count <= 100 else { throw .badUpload("The name of a form field has more than 100 bytes") }
            guard fields.count + lateFields.count < limits.formFieldCount else {
                throw .tooLarge(
                    "The form has more than \(limits.formFieldCount) fields",
                    UploadLimit(limits.formFieldCount, "form fields"))
            }
            guard fields[name] == nil, !lateFields.contains(name) else {
                throw .badUpload("The form has a field twice: \(name)")
            }
            part = .field
            fieldName = name
            return
        }
        guard format == nil else { throw .badUpload("The form has more than one file") }
        let type = contentType.flatMap { MediaTypeParameters($0.utf8) }
        let typeFormat = type.flatMap { UploadFormat(mediaType: $0.value) }
        guard let format = typeFormat ?? fileName.flatMap({ UploadFormat(fileName: $0) }) else {
            guard let fileName, !fileName.isEmpty else { throw Self.noFile }
            throw .badUpload("Invalid file type. Expected CSV file (.csv), or a .json, .jsonl or .ndjson file")
        }
        // A form without a chosen file has a part with an empty name.
        if let fileName, fileName.isEmpty { throw Self.noFile }
        guard type?.isUTF8 != false else { throw .badUpload(UploadDecoder.encodingDetail) }
        self.format = format
        self.fileName = fileName
        part = .file
    }

    private mutating func append(_ bytes: ByteBuffer) throws(BulkRefusal) {
        guard fieldBytes.readableBytes + bytes.readableBytes <= limits.formFieldByteCount else {
            throw .tooLarge(
                "The form field \(fieldName) has more than \(limits.formFieldByteCount) bytes",
                UploadLimit(limits.formFieldByteCount, "bytes"))
        }
        fieldBytes.writeImmutableBuffer(bytes)
    }

    private mutating func endPart() throws(BulkRefusal) {
        if case .field = part {
            guard let text = String(validating: fieldBytes.readableBytesView, as: UTF8.self) else {
                throw .badUpload("The form field \(fieldName) is not UTF-8")
            }
            if format == nil { fields[fieldName] = text } else { lateFields.insert(fieldName) }
            fieldBytes = ByteBuffer()
        }
        part = .none
    }
}
