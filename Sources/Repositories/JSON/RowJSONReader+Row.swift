extension RowJSONReader {
    /// The maximum number of messages about unknown members of a row.
    private static let maximumUnknownCount = 20

    /// Consumes a value that has to be an object, and adds one row in any case.
    ///
    /// - Returns: The expected version of the row.
    func readRow(
        _ cursor: inout JSONCursor, depth: Int, _ rows: inout RowBatch, _ errors: inout FieldErrors
    ) throws(JSONSyntaxError) -> Int64? {
        guard cursor.next == UInt8(ascii: "{") else {
            if options.itemsAreKeys {
                try readKey(&cursor, depth: depth, &rows, &errors)
                return nil
            }
            let type = cursor.typeName
            try cursor.skipValue(depth: depth)
            errors.add("Invalid data. Expected a dictionary, but got \(type).", to: FieldErrors.nonFieldName)
            for _ in members { rows.append(cell: .absent) }
            return nil
        }
        let row = rows.rowCount
        for _ in members { rows.append(cell: .absent) }
        var isGiven = [Bool](repeating: false, count: members.count + 1)
        var isRepeated = isGiven
        var version: Int64?
        var expected = 0
        var unknownCount = 0
        try cursor.readMembers(depth: depth) { cursor throws(JSONSyntaxError) in
            guard let member = try readName(&cursor, expected, &errors, &unknownCount) else {
                try cursor.expectColon()
                return try cursor.skipValue(depth: depth + 1)
            }
            let description = member < members.count ? members[member] : .version
            expected = member + 1
            try cursor.expectColon()
            if isGiven[member] {
                // Once, however often a client repeats the member.
                if !isRepeated[member] { errors.add(FieldMessage.repeated, to: description.name) }
                isRepeated[member] = true
                return try cursor.skipValue(depth: depth + 1)
            }
            isGiven[member] = true
            let result = try readValue(&cursor, description, depth: depth + 1, &rows)
            switch result {
            case .cell(let cell) where member < members.count: rows[row, member] = cell
            case .cell(.integer(let value)): version = value
            case .cell: break
            case .problem(let message): errors.add(message, to: description.name)
            }
        }
        for (index, member) in members.enumerated() where !isGiven[index] {
            switch member.missingCell(in: &rows) {
            case .cell(let cell): rows[row, index] = cell
            case .problem(let message): errors.add(message, to: member.name)
            }
        }
        return version
    }

    /// Consumes a value that has to be a key, and adds one row in any case.
    private func readKey(
        _ cursor: inout JSONCursor, depth: Int, _ rows: inout RowBatch, _ errors: inout FieldErrors
    ) throws(JSONSyntaxError) {
        let row = rows.rowCount
        for _ in members { rows.append(cell: .absent) }
        guard let index = members.firstIndex(where: \.field.isKey) else { return try cursor.skipValue(depth: depth) }
        switch try readValue(&cursor, members[index], depth: depth, &rows) {
        case .cell(let cell): rows[row, index] = cell
        case .problem(let message): errors.add(message, to: members[index].name)
        }
    }

    /// Consumes the name of a member, and returns the index of the field, or nil for a member that is ignored. The version has the
    /// index after that of the last field.
    private func readName(
        _ cursor: inout JSONCursor, _ expected: Int, _ errors: inout FieldErrors, _ unknownCount: inout Int
    ) throws(JSONSyntaxError) -> Int? {
        // Most bodies have the members in the same order.
        for offset in members.indices {
            let index = (expected + offset) % members.count
            guard members[index].isNamed(in: cursor.bytes, at: cursor.index) else { continue }
            cursor.index += members[index].name.utf8.count + 2
            return index
        }
        let name = try cursor.readText()
        if let index = members.firstIndex(where: { $0.name == name }) { return index }
        if options.readsVersions, name == RowMember.version.name { return members.count }
        guard !options.ignoredMembers.contains(name) else { return nil }
        let isKnown = fields[name]?.isHidden == false
        if isKnown ? options.reportsReadOnlyMembers : options.reportsUnknownMembers {
            unknownCount += 1
            guard unknownCount <= Self.maximumUnknownCount else { return nil }
            let shown = String(String.UnicodeScalarView(name.unicodeScalars.prefix(100)))
            if errors[shown].isEmpty { errors.add(isKnown ? FieldMessage.readOnly : FieldMessage.unknown, to: shown) }
        }
        return nil
    }

    private func readValue(
        _ cursor: inout JSONCursor, _ member: RowMember, depth: Int, _ rows: inout RowBatch
    ) throws(JSONSyntaxError) -> FieldReading {
        switch (cursor.next, member.field.type) {
        case (UInt8(ascii: "n"), _):
            try cursor.expectLiteral("null")
            return FieldReading(.null, member.field.isOptional ? nil : FieldMessage.null)
        case (UInt8(ascii: "t"), .boolean):
            try cursor.expectLiteral("true")
            return .cell(.boolean(true))
        case (UInt8(ascii: "f"), .boolean):
            try cursor.expectLiteral("false")
            return .cell(.boolean(false))
        case (UInt8(ascii: "\""), .text):
            return try readText(&cursor, member, &rows)
        case (let byte?, .integer) where JSONCursor.beginsNumber(byte):
            let (bytes, isInteger) = try cursor.readNumber()
            return Self.integer(bytes, isInteger, member)
        case (let byte?, .number) where JSONCursor.beginsNumber(byte):
            guard let value = DecimalNumber.value(of: try cursor.readNumber().bytes) else {
                return .problem(FieldMessage.invalid(.number))
            }
            return FieldReading(.number(value), member.field.problem(with: value))
        default:
            try cursor.skipValue(depth: depth)
            return .problem(FieldMessage.invalid(member.field.type))
        }
    }

    private func readText(
        _ cursor: inout JSONCursor, _ member: RowMember, _ rows: inout RowBatch
    ) throws(JSONSyntaxError) -> FieldReading {
        let start = rows.textByteCount
        let maximum = options.maximumTextByteCount
        let token = try cursor.readString { if rows.textByteCount - start <= maximum { rows.appendTextBytes($0) } }
        var problem: String?
        if token.hasUnpairedSurrogate {
            problem = FieldMessage.invalid(.text)
        } else if token.hasNull {
            problem = FieldMessage.nullCharacter
        } else if let message = member.field.lengthProblem(
            scalarCount: token.scalarCount, isEmpty: token.scalarCount == 0)
        {
            problem = message
        } else if token.byteCount > maximum {
            problem = FieldMessage.tooManyBytes(maximum)
        } else if member.field.choices != nil {
            problem = member.field.choiceProblem(rows.text(of: rows.endText(from: start)) ?? "")
        }
        if let problem {
            rows.removeText(from: start)
            return .problem(problem)
        }
        return .cell(rows.endText(from: start))
    }

    private static func integer(
        _ bytes: UnsafeRawBufferPointer, _ isInteger: Bool, _ member: RowMember
    ) -> FieldReading {
        if isInteger { return member.field.integer(ofDigits: bytes) }
        guard let value = DecimalNumber.value(of: bytes), let integer = Int64(exactly: value) else {
            return .problem(FieldMessage.invalid(.integer))
        }
        return FieldReading(.integer(integer), member.field.problem(with: integer))
    }
}
