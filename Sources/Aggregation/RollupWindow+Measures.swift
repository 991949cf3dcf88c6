extension RollupWindow {
    /// Lends each row's group number and measures as doubles, in the order of the rows; NaN for a measure without a value.
    ///
    /// For who reads all rows of large windows: nothing is copied or allocated for a row.
    public func forEachRow(_ body: (_ row: Int, _ groupNumber: Int, _ measures: [Double]) -> Void) {
        let reader = CellReader(plan: plan, cells: cells)
        let steps = plan.steps
        let quantiles = plan.quantiles
        var measures = [Double](repeating: .nan, count: steps.count)
        forEachCell { row, cell in
            for index in steps.indices {
                let value = reader.value(steps[index], quantile: quantiles[index], cell: cell)
                measures[index] = value.doubleValue ?? .nan
            }
            body(row, unsafe cells.table.pointee.series(cell), measures)
        }
    }
}
