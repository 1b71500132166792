import HTTPPipeline
import HTTPTypes
import Repositories

extension ResourceMount {
    /// Returns the rows that the rules of this resource and those above it permit.
    func selections(_ action: ResourceAction, for exchange: Exchange) async throws -> PermittedRows {
        var rows = PermittedRows()
        for ancestor in ancestors {
            rows.ancestors.append(try await selection(of: ancestor.resource, .retrieve, for: exchange))
        }
        rows = try await permitted(rows, action, for: exchange)
        rows.writableAncestor = try await writableAncestor(action, for: exchange)
        rows.children = try await children(action, for: exchange)
        return rows
    }

    /// Returns the rows of the nearest ancestor with a rule below which the action may write, if this resource has no rule.
    private func writableAncestor(
        _ action: ResourceAction, for exchange: Exchange
    ) async throws -> PermittedRows.WritableAncestor? {
        guard !action.isReading, resource.settings.access == nil,
            let index = ancestors.lastIndex(where: { $0.resource.settings.access != nil })
        else { return nil }
        let rows = try await selection(of: ancestors[index].resource, .partialUpdate, for: exchange)
        return rows.isAll ? nil : PermittedRows.WritableAncestor(index: index, rows: rows)
    }

    /// Returns the rows that the rules of this resource permit, besides those above it.
    private func permitted(
        _ rows: PermittedRows, _ action: ResourceAction, for exchange: Exchange
    ) async throws -> PermittedRows {
        var rows = rows
        if action == .create {
            rows.writable = try await selection(of: resource, action, for: exchange)
            do {
                rows.visible = try await selection(of: resource, .retrieve, for: exchange)
            } catch is ResourceError {
                rows.seesRows = false
            }
            return rows
        }
        // A row that is not visible cannot be written.
        let reading: ResourceAction = action.isOnCollection ? .list : .retrieve
        rows.visible = try await selection(of: resource, reading, for: exchange)
        if action != reading { rows.writable = try await selection(of: resource, action, for: exchange) }
        for included in resource.settings.extraActions.first(where: { $0.action == action })?.including ?? [] {
            rows.writable = try await rows.writable && selection(of: resource, included, for: exchange)
        }
        return rows
    }

    /// Returns the children of each ancestor among the rows of the next one, and of the last one among the requested rows.
    private func children(_ action: ResourceAction, for exchange: Exchange) async throws -> [Selection] {
        guard let relation else { return [] }
        let keys = try ancestors.map { try self.key($0.parameter, of: $0.resource.repository.fields, in: exchange) }
        var children: [Selection] = []
        for (index, ancestor) in ancestors.enumerated().dropFirst() {
            guard let relation = ancestor.relation else { continue }
            children.append(try await relation.children(of: keys[index - 1], key: keys[index]))
        }
        let key = action.isOnCollection ? nil : try self.key(parameter, of: fields, in: exchange)
        return children + [try await relation.children(of: keys[keys.count - 1], key: key)]
    }

    /// Checks what neither the keys of cached responses nor conditions may decide: that the rows above the requested ones exist and are
    /// visible, and that a row to write exists and may be written.
    ///
    /// A read checks ancestors only if a write to them does not change its key.
    ///
    /// - Returns: The request, or for a list without a parent the request for an empty list.
    func check(_ prepared: PreparedRequest, _ exchange: Exchange) async throws -> PreparedRequest {
        let action = prepared.request.action
        let isRead = ResourceAction.reading.contains(action)
        if isRead, ancestors.isEmpty, prepared.request.key == nil || action == .retrieve,
            prepared.request.writableAncestor == nil
        {
            return prepared
        }
        let request = prepared.request
        if !isRead || ancestors.contains(where: { $0.resource.settings.caching == nil }) {
            let checked = try await checkAncestors(of: request)
            if checked.query != request.query { return PreparedRequest(checked, description(of: checked)) }
        }
        if let parent = request.writableAncestor, try await parent.repository.rows(parent.query).isEmpty {
            throw ResourceError.refused(exchange)
        }
        guard request.key != nil, action != .retrieve else { return prepared }
        guard try await resource.repository.count(request.query.selection) > 0 else {
            throw try await absence(of: request, exchange)
        }
        guard !request.writable.isAll else { return prepared }
        let scope = request.query.selection && request.writable
        guard try await resource.repository.count(scope) > 0 else { throw ResourceError.refused(exchange) }
        return prepared
    }

    /// Checks that the rows above the requested ones exist and are visible.
    ///
    /// - Returns: The request, which selects no row if one of them is missing and that does not matter.
    func checkAncestors(of request: ResourceRequest) async throws -> ResourceRequest {
        for ancestor in request.ancestors where try await ancestor.repository.rows(ancestor.query).isEmpty {
            guard request.action == .list, !resource.settings.requiresParents else { throw ResourceError.notFound }
            var request = request
            request.query.selection = .none
            return request
        }
        return request
    }

    /// Returns the error for a row that is not there, or not visible.
    func absence(of request: ResourceRequest, _ exchange: Exchange) async throws -> ResourceError {
        guard let existing = request.existing, try await resource.repository.count(existing) > 0 else {
            return .notFound
        }
        return .refused(exchange)
    }

    /// Returns the rows of a resource that a request may use.
    func selection(
        of resource: Resource, _ action: ResourceAction, for exchange: Exchange
    ) async throws -> Selection {
        guard let rule = resource.settings.access else { return .all }
        switch try await rule(exchange, action).kind {
        case .rows(let selection): return selection
        case .hidden: throw ResourceError.notFound
        case .refused: throw ResourceError.refused(exchange)
        }
    }
}
