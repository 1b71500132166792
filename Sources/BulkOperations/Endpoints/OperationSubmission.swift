import HTTPPipeline
import HTTPSemantics
import HTTPTypes
import KeyConstructor
import NIOCore
import Repositories
import Resources

/// Accepts operations: stores the items as they arrive, and responds with 202.
struct OperationSubmission: Sendable {
    let operations: Operations

    private var settings: Operations.Settings { operations.settings }

    func reply(to request: CollectionRequest, _ exchange: Exchange) async throws -> Reply {
        let parameters = try OperationParameters(exchange.queryParameters)
        let preferences = try Preferences(of: exchange.request)
        var operation = OperationRequest(
            .create, of: request.resource.name, scope: request.scope, for: exchange.userID)
        operation.bound = Dictionary(request.bound.map { ($0.field, $0.value) }) { first, _ in first }
        operation.isAtomic = parameters.isAtomic || preferences.isStrict
        operation.isDryRun = parameters.isDryRun
        operation.maximumErrorCount = parameters.maximumErrorCount
        if operation.isOneTransaction {
            // The failures of a transaction are in memory until its end.
            let maximum = settings.maximumTransactionErrorCount
            operation.maximumErrorCount = min(parameters.maximumErrorCount ?? maximum, maximum)
        }
        // Before the items arrive.
        if parameters.uniqueFields != nil { _ = try await request.permitted(.create) }
        let decoder = try UploadDecoder(
            exchange.request,
            limits: .init(
                sentByteCount: settings.maximumUploadByteCount, unpackedByteCount: settings.maximumUnpackedByteCount))
        let key = try self.key(of: exchange)
        let id = OperationID(at: operations.clock.now)
        let stored: BulkOperation
        do {
            try await operations.withQueue { queue in
                try await queue.open(
                    BulkOperation(id, operation, createdAt: operations.clock.now), idempotencyKey: key?.text)
            }
            stored = try await upload(
                OperationUpload(operation, parameters.csv, in: request.resource.repository.fields, settings), as: id,
                decoder, parameters, request, exchange)
        } catch {
            try? await operations.queue.discard(id)
            throw Self.refusal(error) ?? error
        }
        var reply = try await response(to: exchange, stored, preferences)
        if stored.id != id { reply.headerFields[.idempotentReplayed] = "true" }
        return reply
    }

    /// Returns the key with which the client repeats the request, as for ``IdempotencyMiddleware``.
    private func key(of exchange: Exchange) throws(BulkRefusal) -> IdempotencyKey? {
        do {
            guard let key = try IdempotencyKey(of: exchange.request) else { return nil }
            guard exchange.userID != nil else {
                throw BulkRefusal(
                    ProblemDetails(.badRequest, "Idempotency-Key needs a user. Authenticate, or send no key."))
            }
            return key
        } catch let error as IdempotencyKey.InvalidField {
            throw BulkRefusal(ProblemDetails(.badRequest, "\(error)"))
        } catch let refusal as BulkRefusal {
            throw refusal
        } catch {
            return nil
        }
    }

    /// Stores the items of a body, and submits the operation.
    private func upload(
        _ upload: OperationUpload, as id: OperationID, _ decoder: consuming UploadDecoder,
        _ parameters: OperationParameters, _ request: CollectionRequest, _ exchange: Exchange
    ) async throws -> BulkOperation {
        var upload = upload
        var decoder = decoder
        var digest = MD5()
        digest.update(exchange.request.method.rawValue + " " + (exchange.request.path ?? ""))
        func start(_ decoder: borrowing UploadDecoder) throws {
            guard let format = decoder.format else { return }
            try upload.start(format) { operation in
                if let name = decoder.formFields.keys.sorted().first(where: { !Self.formFields.contains($0) }) {
                    throw Self.unknownFormField(name)
                }
                operation.fileName = decoder.fileName
                operation.kind = try kind(exchange, parameters, decoder.formFields, request)
            }
        }
        func store(_ bytes: ByteBuffer, _ decoder: borrowing UploadDecoder) async throws {
            bytes.withUnsafeReadableBytes { digest.update($0) }
            try start(decoder)
            for chunk in try upload.read(bytes) { try await append(chunk, to: id) }
        }
        switch exchange.body.content {
        case .empty: break
        case .buffer(let buffer):
            try decoder.append(buffer)
            while let bytes = try decoder.next() { try await store(bytes, decoder) }
        case .stream(let stream):
            for try await buffer in stream {
                try decoder.append(buffer)
                while let bytes = try decoder.next() { try await store(bytes, decoder) }
            }
        }
        try decoder.finish()
        // A file without bytes.
        try start(decoder)
        for name in decoder.lateFormFields.sorted() {
            // The file was read without it.
            guard Self.formFields.contains(name) else { throw Self.unknownFormField(name) }
            throw BulkRefusal(ProblemDetails(.badRequest, "The form field \(name) must come before the file."))
        }
        for chunk in try upload.finish() { try await append(chunk, to: id) }
        guard upload.itemCount > 0 else {
            throw BulkRefusal(ProblemDetails(.badRequest, "Empty list provided"))
        }
        var accepted = upload.request
        if case .upsert = accepted.kind {
            accepted.scope = accepted.scope && (try await request.permitted(.create))
        }
        // The path has the query. A form and Prefer are elsewhere.
        digest.update("\(accepted.kind) \(accepted.format == .json) \(accepted.isAtomic)")
        let fingerprint = digest.finalize().description
        return try await operations.withQueue { try await $0.submit(accepted, as: id, fingerprint: fingerprint) }
    }

    private func append(_ chunk: OperationChunk, to id: OperationID) async throws {
        try await operations.withQueue { try await $0.append(chunk, to: id) }
    }

    /// The form fields that stand for parameters.
    private static let formFields: Set<String> = [
        BulkParameter.uniqueFields.rawValue, BulkParameter.updateFields.rawValue,
    ]

    private static func unknownFormField(_ name: String) -> BulkRefusal {
        BulkRefusal(
            ProblemDetails(
                .badRequest,
                """
                Unknown form field: \(name.prefix(100)). Parameters other than unique_fields and update_fields are in the query.
                """))
    }

    /// Returns what happens with each item, by the method and the unique fields.
    private func kind(
        _ exchange: Exchange, _ parameters: OperationParameters, _ form: [String: String], _ request: CollectionRequest
    ) throws -> OperationRequest.Kind {
        let unique = parameters.uniqueFields ?? form["unique_fields"]
        let updating = parameters.updateFields ?? form["update_fields"]
        let method = exchange.request.method
        guard method == .patch || method == .put, unique != nil || updating != nil else {
            for (name, value) in [("unique_fields", unique), ("update_fields", updating)] where value != nil {
                throw FieldErrors(field: name, "The parameter is one of PATCH and PUT.")
            }
            switch method {
            case .patch: return .update
            case .put: return .replace
            case .delete: return .delete
            default: return .create
            }
        }
        let fields = try UpsertFields(unique: unique, updating: updating, in: request.resource.repository.fields)
        return .upsert(uniqueBy: fields.unique, updating: fields.updating)
    }

    // MARK: Responses

    /// Returns the response to an operation that was accepted: that of its end, if it ends while the request waits.
    func response(
        to exchange: Exchange, _ operation: BulkOperation, _ preferences: Preferences
    ) async throws -> Reply {
        if let seconds = preferences.wait, !preferences.isAsynchronous {
            let limit = min(.seconds(seconds), settings.maximumWait)
            if let ended = try await operations.end(of: operation.id, within: limit) {
                var reply = try await OperationStatus(operations, ended).reply(to: exchange)
                reply.status = status(of: ended)
                reply.headerFields[.preferenceApplied] = "wait=\(seconds)"
                reply.headerFields[.bulkErrors] = "\(ended.counts.failed)"
                return reply
            }
        }
        var fields: HTTPFields = [
            .contentType: "application/json", .location: operations.path(of: operation.id, "status"), .retryAfter: "1",
        ]
        if preferences.isAsynchronous { fields[.preferenceApplied] = "respond-async" }
        return Reply(
            status: .accepted, headerFields: fields, body: ReplyBody(acceptance(of: operation)))
    }

    /// Returns the status of the response to a request that waited for the end.
    func status(of operation: BulkOperation) -> HTTPResponse.Status {
        // Not because of an item.
        if operation.reason == .database, operation.state == .failed { return .internalServerError }
        // A read finds the rows that are there.
        guard operation.request.kind != .get else { return .ok }
        guard settings.reportsFailuresInStatus, operation.counts.failed > 0 else { return .ok }
        return operation.counts.succeeded == 0
            ? .badRequest : HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status")
    }

    /// Returns django-drf-extensions' body of a response with 202.
    private func acceptance(of operation: BulkOperation) -> ByteBuffer {
        let request = operation.request
        let total = operation.counts.total
        let unit = request.kind.itemsAreKeys ? "IDs" : "items"
        var source = "for \(total) \(unit)"
        // The rows that filters select are counted when they are read.
        if request.kind == .get, total == 0 { source = "for the rows that the filters select" }
        if case .csv = request.format {
            source =
                "from CSV '\(request.fileName ?? "body")' with \(total) \(request.kind.itemsAreKeys ? "IDs" : "rows")"
        }
        var body = ByteBuffer()
        body.writeObject { members in
            members.write("message", .text("\(request.kind.title) task started \(source)"))
            members.write("task_id", .text("\(operation.id)"))
            members.write("total_items", .integer(Int64(total)))
            if case .csv = request.format { members.write("source_file", .text(request.fileName ?? "body")) }
            members.write("status_url", .text(operations.path(of: operation.id, "status")))
            if case .upsert(let unique, let updating) = request.kind {
                members.write("unique_fields") { $0.writeJSON(unique) }
                if let updating { members.write("update_fields") { $0.writeJSON(updating) } }
            }
            if request.kind == .get { members.write("is_async", true) }
            if request.isDryRun { members.write("dry_run", true) }
        }
        return body
    }

    /// Returns the response to an error of an upload, or nil for an error that the resource renders.
    static func refusal(_ error: any Error) -> BulkRefusal? {
        switch error {
        case let error as CSVError:
            return BulkRefusal(ProblemDetails(error.isTooLarge ? .contentTooLarge : .badRequest, "\(error)"))
        case QueueRefusal.uploading:
            return BulkRefusal(
                ProblemDetails(
                    .conflict, "A request with this Idempotency-Key is running.",
                    headerFields: [.retryAfter: "1"]))
        case QueueRefusal.mismatch:
            return BulkRefusal(
                ProblemDetails(
                    .unprocessableContent, "This Idempotency-Key was used for another request. Send a new key."))
        case QueueRefusal.uploadEnded:
            return BulkRefusal(ProblemDetails(.requestTimeout, "The upload took too long."))
        case QueueRefusal.tooManyOperations(let maximum):
            var details = ProblemDetails(
                .tooManyRequests, "The user has \(maximum) operations that have not ended, which is the maximum.",
                headerFields: [.retryAfter: "10"])
            details.numbers = [("limit", maximum)]
            details.texts = [("unit", "operations")]
            return BulkRefusal(details)
        case QueueRefusal.tooManyBytes(let maximum):
            var details = ProblemDetails(
                .tooManyRequests,
                """
                The operations of the user, with those that ended lately, have more than \(maximum) bytes, which is the maximum.
                """, headerFields: [.retryAfter: "600"])
            details.numbers = [("limit", maximum)]
            details.texts = [("unit", "bytes")]
            return BulkRefusal(details)
        default: return nil
        }
    }
}

extension OperationRequest.Kind {
    /// The word with which messages of django-drf-extensions begin.
    var title: String {
        switch self {
        case .create: "Create"
        case .update: "Update"
        case .replace: "Replace"
        case .delete: "Delete"
        case .upsert: "Upsert"
        case .get: "Get"
        }
    }
}

extension MD5 {
    fileprivate mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }
}
