"""What is handed over or brought about: the thing a duty asks for, with the verb that asks for it."""

from __future__ import annotations

import re

from obligations.roles.words import DELIVER, PREPOSITION

LONGEST = 40

_TITLES = re.compile(r"(?<!按)(?<!照)(?<![依根]据)(?<!符合)(?<!执行)(?<!对照)《[^《》]{1,80}》(?:\([^()]{1,12}\))?")
_CAUSED = re.compile(r"(?:将|把)(?P<rest>(?!于|在|对|会同|组织|按|根据|通过|适时)[^,;。]{3,120})")
# A verb of sending; what follows tells it from the same word inside a noun (自查报告, 推荐资料).
SENT = re.compile(
    r"(?:报送|上报|呈报|填报|报告|汇报|报备|备案|提交|递交|提供|反馈|报请|报经|推送|抄送|寄送|送达|邮寄|发送|发至|上传|上交|送交|移送|传真|补报|补录|补交"
    r"|移交|转报|推荐|下达|拨付|划至|分解|录入|告知|通知|通报|报(?![表名刊账销警废告])|送|交(?![通流易])|寄|发(?![展票放现生证布]))"
    r"(?![和及、的与表单书函材料意名者]|[^,;。省市州县区局厅委]{0,4}(?:材料|资料|情况|信息|数据|名单|方案|总结))"
)
_ADVERBIAL = re.compile(
    r"(?:(?<=.)(?:(?:以(?![上下内外来及])|通过|经(?![费营济办贸信开])|由|按照|按(?!揭)|连同|随)[^,;。()、]{1,24}"
    r"|(?:一并|及时|统一|同步|分别|正式|逐级|如实)[^,;。()、]{0,8}|(?:盖章|汇总|签字|审核|装订|扫描|整理|确认|核实)(?:无误)?(?:后[^,;。()、]{0,24})?"
    r"|一式[^,;。]{1,3}份|各?[\d一二两三四五六]{1,2}份)|书面|纸质版|电子版)$"
)
_THING = re.compile(
    rf"(?P<verb>{DELIVER}|补报|补录|补交|直报|完成|填写|出具|编制|制定|办理|补办|缴纳|作出|签订|提出|开展|更新|组织|落实|缴清|建立|签署|更换)"
    r"(?!系统|平台|栏|网|期|[和及、的与])(?P<thing>(?![至到给并一送遇]|时|后)(?:《[^《》]{1,60}》|[^,;。()]){2,40})"
)
_TO_WHOM = re.compile(
    r"^(?:至|到|给|于)?[^,;。()]{0,30}?(?:局|委|厅|办|政府|中心|处|科|室|单位|部门|机构|会|邮箱|支行|银行|县|市|区|镇)$"
)
_WHERE_TO = re.compile(
    r"[@\d]{5}|邮箱|^(?:至|到|给)|^[^,;。()]{0,24}?(?:局|委|厅|办|政府|中心|处|科|室|股)(?:审核|备案|审查|审批|汇总|存档|批准)?$"
)
# What only looks like a thing: a manner, a number, an event, a person.
_NO_THING = re.compile(
    rf"(?:{PREPOSITION}|应当?|须|可|第[一二三四五六]批次?$|[各每]|首次$|一次$|由|逐)|(?:报送|上报|更新|提交|汇总|完毕|报|送)+$|.*(?:登录|登陆|提交|接报|完成)|.*(?:[时后]|调整为|延长至|人员|企业|单位|局|海关|机构|渔船|船东|时间|主官|部门)$"
)
_STEP = re.compile(
    r"(?:自查|自评|自纠|核查|排查|审核|初审|复核|复审|审查|验收|整改|检查|抽查|评审|评估|汇总|公示|核实|核对)+"
)
_PACKED = re.compile(
    r"\((?:[^()]*(?:[份章签附页版册张]|电子|联系)[^()]*)\)$|(?:纸质[件版]?|电子[件版]?)?(?:各|一式)?[\d一二三四五六两]{1,2}份[^()]*$"
)
_WRAPPED = re.compile("[份件版)]")  # without one of these there is nothing to take off
_FORM = re.compile(r"(?:一式[^,;。]{1,2}份|原件|复印件|纸质件|电子版)$")
_AND = re.compile(r"(?:,|并(?!联|购|网)|以及?报|,?报[市省县区州厅局]|后报).*$")


def deliverable(words: str, topic: str = "") -> str | None:
    """Return what has to be handed over or brought about, as written, or `None`.

    `topic` holds the words before the time: what is spoken of, where the verb has no object (自评报告请于…前报送).
    """
    caused = handed(words)
    if caused:
        return caused[1]
    titles = _TITLES.findall(words) if "《" in words else None
    if titles:
        return "、".join(dict.fromkeys(titles))
    brought = brought_about(words)
    if brought:
        return thing_of(brought[1])
    return thing_of(topic) if len(topic) <= LONGEST else None


def handed(words: str) -> tuple[str, str, str] | None:
    """Return verb, thing and the words behind the verb of 将…报送…, or `None`."""
    caused = _CAUSED.search(words)
    if caused:
        for verb in reversed(list(SENT.finditer(caused["rest"], 2))):
            thing = thing_of(without_manner(caused["rest"][: verb.start()]))
            if thing:
                return verb[0], thing, caused["rest"][verb.end() :]
    return None


def brought_about(words: str) -> tuple[str, str, int] | None:
    """Return the verb, the words of its object and where the verb begins: 提出|用水申请, or `None`."""
    for found in _THING.finditer(words):
        thing = found["thing"].strip(" :")
        if not _TO_WHOM.match(thing) and not _WHERE_TO.search(thing) and thing_of(thing):
            return found["verb"], thing, found.start()
    return None


def without_manner(words: str) -> str:
    """Return `words` without how something is sent: 汇总表以正式文件 → 汇总表."""
    return _ADVERBIAL.sub("", words).strip(" 、")


def thing_of(words: str) -> str | None:
    """Return the thing that `words` name, without its packing and without what is done next, or `None`."""
    thing = _AND.sub("", words).strip(" 、:,")
    if _WRAPPED.search(thing):
        thing = _FORM.sub("", _PACKED.sub("", thing)).strip(" 、:,和及")
        thing = _FORM.sub("", _PACKED.sub("", thing))
    thing = thing.strip(" 、:,和及")
    named = 1 < len(thing) <= LONGEST and not _NO_THING.match(thing) and not _STEP.fullmatch(thing)
    return thing if named else None
