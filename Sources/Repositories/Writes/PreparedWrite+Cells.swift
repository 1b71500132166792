extension PreparedWrite {
    /// Fills in defaults of replacements and what the server computes.
    mutating func compute(_ plan: WritePlan, _ fields: FieldSet) {
        if kind == .replace {
            for column in columns.indices where columns[column].isUpdated {
                for row in 0..<rows.rowCount where rows[row, column] == .absent { rows[row, column] = defaults[column] }
            }
            requiredColumns = columns.indices.filter {
                columns[$0].isUpdated && defaults[$0] == .absent && fields[columns[$0].name]?.isWritable == true
            }
        }
        for column in columns.indices {
            guard let field = fields[columns[column].name] else { continue }
            switch field.computation {
            case .source(let name, let compute):
                guard let source = columns.firstIndex(where: { $0.name == name }) else { continue }
                // A new row computes from the default; an existing one keeps both values.
                if kind.addsRows, let value = rows.value(of: defaults[source]) {
                    defaults[column] = rows.cell(for: value.isNull ? .null : compute(value))
                }
                for row in 0..<rows.rowCount {
                    guard let value = rows.value(of: rows[row, source]) else { continue }
                    rows.set(value.isNull ? .null : compute(value), row: row, column: column)
                }
            case .everyWrite(let compute), .creation(let compute):
                for row in 0..<rows.rowCount { rows.set(compute(), row: row, column: column) }
            case nil: break
            }
        }
    }

    /// Checks all values, and converts integers in number fields to numbers.
    mutating func check(_ fields: FieldSet) {
        let descriptions = columns.compactMap { fields[$0.name] }
        guard descriptions.count == columns.count, kind != .delete else { return checkKeys(fields) }
        for column in columns.indices where descriptions[column].type == .number {
            for row in 0..<rows.rowCount {
                if case .integer(let value) = rows[row, column] { rows[row, column] = .number(Double(value)) }
            }
        }
        let checks = descriptions.map { CellCheck($0) }
        var found: [(row: Int, error: RowError)] = []
        rows.withTextBytes { text in
            for row in 0..<rows.rowCount {
                for column in checks.indices {
                    let cell = rows[row, column]
                    if checks[column].allows(cell, in: text) { continue }
                    guard let problem = descriptions[column].problem(with: cell, in: text) else { continue }
                    found.append((row, RowError(.invalid, field: columns[column].name, problem)))
                    break
                }
            }
        }
        for (row, error) in found { fail(row, error) }
        if kind == .replace || kind == .create {
            for row in 0..<rows.rowCount where error(row: row) == nil {
                if let error = insertionError(row: row) { fail(row, error) }
            }
        }
        switch kind {
        case .update, .replace: checkKeys(fields)
        case .upsert(let unique, _): checkPresence(unique, fields)
        case .create, .delete: break
        }
    }

    /// Fails the rows without a key.
    private mutating func checkKeys(_ fields: FieldSet) {
        checkPresence([fields.key.name], fields)
    }

    private mutating func checkPresence(_ names: [String], _ fields: FieldSet) {
        for column in columns.indices where names.contains(columns[column].name) {
            let type = fields[columns[column].name]?.type
            for row in 0..<rows.rowCount where error(row: row) == nil {
                switch (rows[row, column], type) {
                case (.absent, _): fail(row, RowError(.invalid, field: columns[column].name, FieldMessage.required))
                case (.null, _): fail(row, RowError(.invalid, field: columns[column].name, FieldMessage.null))
                case (.integer, .integer), (.text, .text), (.number, .number), (.boolean, .boolean): break
                case (_, let type):
                    let message = FieldMessage.invalid(type ?? .text)
                    fail(row, RowError(.invalid, field: columns[column].name, message))
                }
            }
        }
    }

    private mutating func fail(_ row: Int, _ error: RowError) {
        if errors.isEmpty { errors = Array(repeating: nil, count: rows.rowCount) }
        if errors[row] == nil { errors[row] = error }
    }
}

extension FieldDescription {
    /// Returns a message about a cell that the field does not allow, or nil. Absent cells are allowed.
    func problem(with cell: Cell, in text: UnsafeRawBufferPointer) -> String? {
        switch (cell, type) {
        case (.absent, _): return nil
        case (.null, _): return isOptional ? nil : FieldMessage.null
        case (.integer(let value), .integer): return problem(with: value)
        case (.number(let value), .number): return problem(with: value)
        case (.boolean, .boolean): return nil
        case (.text(let offset, let length), .text):
            let bytes = UnsafeRawBufferPointer(rebasing: text[offset..<offset + Int(length)])
            if bytes.contains(0) { return FieldMessage.nullCharacter }
            if choices != nil, let problem = choiceProblem(String(decoding: bytes, as: UTF8.self)) { return problem }
            guard case .lengths = limits else { return nil }
            var count = 0
            for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
            return lengthProblem(scalarCount: count, isEmpty: bytes.isEmpty)
        default: return FieldMessage.invalid(type)
        }
    }
}
