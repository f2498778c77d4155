"""To whom something is sent, reported or applied for."""

from __future__ import annotations

import re

_ORG_END = (
    r"(?:局|委|厅|办|部|署|政府|中心|办公室|管委会|委员会|领导小组|指挥部|专班|联席会议|机关|机构|单位|部门|银行|支行|分行|公司|学校|站|所(?!在)|院|法院|处|科|室"
    r"|大队|支队|分局|协会|学会|窗口|大厅|平台|系统|人民政府|街道|社区|乡镇)"
)
_ORG = rf"(?:[^,;。:!?()\n《》]|\([^(),;。]{{1,10}}\)){{0,44}}?{_ORG_END}"
_JOINED = rf"{_ORG}(?:[、和及与或]|或者|以及)?(?:{_ORG})?"
_STOPS = (
    r"(?=[,;。()]|$|审核|审批|备案|审议|批准|汇总|同意|验收|进行|填报|研究|核准|存档|处理|处置|盖章|签署|办理|对口|初审|按|申请|提出|报告"
    r"|报送|报备|反映|提交|申报|补办|反馈|征求|通报|书面|登记|缴纳|说明|备查|核实|组织|统一|并|后|的|在|于)"
)
_SEND = (
    r"(?:报送|上报|速报|呈报|反馈|提交|递交|报告|汇报|推送|寄送|送达|移送|移交|转报|推荐|报备|发送|上交|交|报请|报经|报|送|告知|通知|寄"
    r"|下达|拨付|划至|划转至)"
)
_TO = re.compile(
    rf"(?=[报上速呈反提递汇推寄送移转发交告通下拨划])(?<![抄预申通填])(?:{_SEND})(?:至|到|给|于|送|回)?(?P<unit>{_ORG}(?:对口处室)?){_STOPS}"
)
_TOWARDS = re.compile(rf"(?:向|到|送至|交至|至)(?P<unit>{_JOINED}(?:\([^()]{{1,20}}\))?){_STOPS}")
_ASSENT = re.compile(rf"(?:征得|征求|经)(?P<unit>{_ORG})(?:同意|意见|批准|审批)")
_SELF = re.compile(r"^(?:我|本)(?:局|委|厅|办|部|署|院|会|中心|机关|单位|办公室)")
_NO_UNIT = re.compile(r"\d|情况|材料|清单|名单|总结|数据|资料|以上|以内|提交|[报送至到]")


def find_recipient(words: str, issuer: str | None) -> str | None:
    """Return the unit in `words` (a predicate, normalised) that receives; 我局 is resolved to `issuer`."""
    for pattern in (_TO, _TOWARDS, _ASSENT):
        found = pattern.search(words)
        while found:
            unit = found["unit"].strip(" 、和及")
            if len(unit) > 1 and not _NO_UNIT.search(unit):
                return _resolved(unit, issuer)
            found = pattern.search(words, found.start() + 1)
    return None


def _resolved(unit: str, issuer: str | None) -> str:
    found = _SELF.match(unit)
    if found is None or not issuer:
        return unit
    return issuer.split("、")[0] + unit[found.end() :]
